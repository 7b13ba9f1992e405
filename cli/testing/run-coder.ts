// Runs the command line in a child process: ours, or another program.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Program and leading arguments. */
export type Command = readonly [string, ...string[]]

const ours: Command = [process.execPath, fileURLToPath(new URL('../main.ts', import.meta.url))]

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

interface RunOptions {
  readonly cwd: string
  /** Added to a minimal environment whose home is `cwd`. */
  readonly env?: NodeJS.ProcessEnv
  /** Piped to stdin. */
  readonly input?: string | Uint8Array
  /** Closes stdout after the first chunk, like `head`. */
  readonly closesStdoutEarly?: boolean
}

export function runCoder(
  args: readonly string[],
  { cwd, env: more = {}, input = '', closesStdoutEarly = false }: RunOptions,
  [program, ...before]: Command = ours,
): Promise<Outcome> {
  const env = {
    PATH: process.env.PATH,
    HOME: cwd,
    XDG_CONFIG_HOME: cwd,
    NO_COLOR: '1',
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    ...more,
  }
  const child = spawn(program, [...before, ...args], { cwd, env })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
    if (closesStdoutEarly) child.stdout.destroy()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, ...output }))
  })
}

/** A user of the command line with a temporary home folder. */
export interface CliUser {
  readonly home: string
  coder(args: readonly string[], env?: NodeJS.ProcessEnv, input?: string | Uint8Array): Promise<Outcome>
  /** Removes the home folder. */
  remove(): void
}

/** @param env added to the environment of every call
 *  @param command the command line to run */
export function createCliUser(env: NodeJS.ProcessEnv = {}, command: Command = ours): CliUser {
  const home = mkdtempSync(join(tmpdir(), 'coder-home-'))
  return {
    home,
    coder: (args, more = {}, input = '') => runCoder(args, { cwd: home, env: { ...env, ...more }, input }, command),
    remove: () => rmSync(home, { recursive: true, force: true }),
  }
}
