// Runs the command line in a process of its own, as a person would: ours, or another program.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Program and first arguments. */
export type Command = readonly [string, ...string[]]

const ours: Command = [process.execPath, fileURLToPath(new URL('../main.ts', import.meta.url))]

/** The next process needs not strip the types of the same files again, which is half of what a command takes. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/command-line', import.meta.url))

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly cwd: string
  /** On top of a bare environment whose home is `cwd`. */
  readonly env?: NodeJS.ProcessEnv
  /** What is piped in. */
  readonly input?: string | Uint8Array
  /** As `head` does: reads the first piece of the output and closes it. */
  readonly readsFirst?: boolean
}

export function runCoder(
  args: readonly string[],
  { cwd, env: more = {}, input = '', readsFirst = false }: RunOptions,
  [program, ...before]: Command = ours,
): Promise<Outcome> {
  const env = {
    PATH: process.env.PATH,
    HOME: cwd,
    XDG_CONFIG_HOME: cwd,
    NO_COLOR: '1',
    NODE_COMPILE_CACHE: compileCache,
    ...more,
  }
  const child = spawn(program, [...before, ...args], { cwd, env })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text
    if (readsFirst) child.stdout.destroy()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text
  })
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, ...said }))
  })
}

/** Somebody with a home folder of their own at the command line. */
export interface CliUser {
  readonly home: string
  coder(args: readonly string[], env?: NodeJS.ProcessEnv, input?: string | Uint8Array): Promise<Outcome>
  /** Takes the home folder away. */
  remove(): void
}

/** @param env of every call
 *  @param command that they type */
export function createCliUser(env: NodeJS.ProcessEnv = {}, command: Command = ours): CliUser {
  const home = mkdtempSync(join(tmpdir(), 'coder-home-'))
  return {
    home,
    coder: (args, more = {}, input = '') => runCoder(args, { cwd: home, env: { ...env, ...more }, input }, command),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}
