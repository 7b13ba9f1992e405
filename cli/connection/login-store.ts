// Stores the login of `coder login`: deployment URL and session token, in two files that only their owner can read. Names
// and format are those of Coder's command line, because editors call it with `--global-config`. The default folder is our
// own; the official command line's folder is never modified.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface Login {
  readonly url: string
  readonly token: string
}

/** @param globalConfig the value of --global-config */
export function loginFolder(globalConfig: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  const chosen = globalConfig ?? env.CODER_CONFIG_DIR
  if (chosen) return chosen
  const fallback = process.platform === 'win32' ? env.APPDATA : undefined
  return join(env.XDG_CONFIG_HOME || fallback || join(homedir(), '.config'), 'coder-local')
}

/** Null when no login is stored. */
export function readLogin(folder: string): Login | null {
  const [url, token] = [readLine(join(folder, 'url')), readLine(join(folder, 'session'))]
  return url && token ? { url: url.replace(/\/+$/, ''), token } : null
}

function readLine(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return null // no such file: no login is stored
  }
}

export function writeLogin(folder: string, { url, token }: Login): void {
  writePrivateFile(join(folder, 'url'), url)
  writePrivateFile(join(folder, 'session'), token)
}

export function deleteLogin(folder: string): void {
  for (const name of ['url', 'session']) rmSync(join(folder, name), { force: true })
}

export function readLoginFile(file: string): Login | null {
  try {
    const login = JSON.parse(readFileSync(file, 'utf8')) as Partial<Login>
    return typeof login.url === 'string' && typeof login.token === 'string' ? (login as Login) : null
  } catch {
    return null // missing or malformed: the same as no login
  }
}

export function writeLoginFile(file: string, login: Login): void {
  writePrivateFile(file, `${JSON.stringify(login, null, 2)}\n`)
}

function writePrivateFile(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  writeFileSync(file, text, { mode: 0o600 })
}
