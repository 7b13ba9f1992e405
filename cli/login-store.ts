// What `coder login` remembers: a deployment and a session, in a folder of our own and readable by its owner only.
// The folder of the official command line is never touched.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export interface Login {
  readonly url: string
  readonly token: string
}

function loginFile(env: NodeJS.ProcessEnv): string {
  const fallback = process.platform === 'win32' ? env.APPDATA : undefined
  return join(env.XDG_CONFIG_HOME || fallback || join(homedir(), '.config'), 'coder-local', 'login.json')
}

/** Null when nobody has signed in. */
export function readLogin(env: NodeJS.ProcessEnv = process.env): Login | null {
  return readLoginFile(loginFile(env))
}

export function writeLogin(login: Login, env: NodeJS.ProcessEnv = process.env): void {
  writeLoginFile(loginFile(env), login)
}

export function forgetLogin(env: NodeJS.ProcessEnv = process.env): void {
  rmSync(loginFile(env), { force: true })
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
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  writeFileSync(file, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600 })
}
