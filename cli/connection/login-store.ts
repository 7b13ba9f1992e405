// What `coder login` remembers: a deployment and a session, as two files of a folder that only its owner may read. They
// have the names and the form that editors expect of Coder's command line, which they call with `--global-config`. The
// folder is our own unless another is named: that of the official command line is never touched.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface Login {
  readonly url: string
  readonly token: string
}

/** @param named the value of --global-config. */
export function loginFolder(named: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const chosen = named ?? env.CODER_CONFIG_DIR
  if (chosen) return chosen
  const fallback = process.platform === 'win32' ? env.APPDATA : undefined
  return join(env.XDG_CONFIG_HOME || fallback || join(homedir(), '.config'), 'coder-local')
}

/** Null when nobody has signed in. */
export function readLogin(folder: string): Login | null {
  const [url, token] = [readLine(join(folder, 'url')), readLine(join(folder, 'session'))]
  return url && token ? { url: url.replace(/\/+$/, ''), token } : null
}

function readLine(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return null // no such file: nobody has signed in
  }
}

export function writeLogin(folder: string, { url, token }: Login): void {
  writePrivately(join(folder, 'url'), url)
  writePrivately(join(folder, 'session'), token)
}

export function forgetLogin(folder: string): void {
  for (const name of ['url', 'session']) rmSync(join(folder, name), { force: true })
}

export function readLoginFile(file: string): Login | null {
  try {
    const login = JSON.parse(readFileSync(file, 'utf8')) as Partial<Login>
    return typeof login.url === 'string' && typeof login.token === 'string' ? (login as Login) : null
  } catch {
    return null // no such file, or not one of ours: as if nobody had signed in
  }
}

export function writeLoginFile(file: string, login: Login): void {
  writePrivately(file, `${JSON.stringify(login, null, 2)}\n`)
}

function writePrivately(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  writeFileSync(file, text, { mode: 0o600 })
}
