// Runs commands of the real OpenTofu: in one process if tofu-batch was built, otherwise each in its own.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findTofuBatch, tofuConfiguration } from '../testing/tofu.ts'
import { coderEnvironment } from './coder-build.ts'

interface CommandResult {
  readonly output: string
  readonly succeeded: boolean
}

export interface Tofu {
  /** Runs one command; call it again only after its end. */
  run(dir: string, args: readonly string[]): Promise<CommandResult>
  close(): void
}

export function startTofu(tofu: string): Tofu {
  const batch = findTofuBatch(tofu)
  return batch === undefined ? new SeparateProcesses(tofu) : new BatchProcess(batch)
}

// OpenTofu does not terminate for some numbers.
const timeout = 120_000

const environment = () => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  TF_CLI_CONFIG_FILE: tofuConfiguration(),
  CHECKPOINT_DISABLE: '1',
  TF_IN_AUTOMATION: '1',
  ...coderEnvironment,
})

class SeparateProcesses implements Tofu {
  readonly #program: string

  constructor(program: string) {
    this.#program = program
  }

  run(dir: string, args: readonly string[]): Promise<CommandResult> {
    const options = { cwd: dir, env: environment(), maxBuffer: 64 * 1024 * 1024, timeout }
    return new Promise((resolve) => {
      execFile(this.#program, args, options, (error, output) => resolve({ output, succeeded: error === null }))
    })
  }

  close(): void {
    // Each process has ended with its command.
  }
}

class BatchProcess implements Tofu {
  readonly #process: ChildProcess
  readonly #statuses: AsyncIterator<string>
  readonly #folder = mkdtempSync(join(tmpdir(), 'tofu-batch-'))

  constructor(program: string) {
    const child = spawn(program, { env: environment(), stdio: ['pipe', 'pipe', 'ignore'] })
    this.#statuses = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    this.#process = child
  }

  async run(dir: string, args: readonly string[]): Promise<CommandResult> {
    const output = join(this.#folder, 'output')
    this.#process.stdin?.write(`${JSON.stringify({ dir, args, output })}\n`)
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), timeout)
    const { value: status, done } = await this.#statuses.next()
    clearTimeout(timer)
    if (done) throw new Error(`OpenTofu ended or took more than ${timeout / 1000} s: tofu ${args.join(' ')} in ${dir}`)
    return { output: readFileSync(output, 'utf8'), succeeded: status === '0' }
  }

  close(): void {
    this.#process.stdin?.end()
    rmSync(this.#folder, { recursive: true })
  }
}
