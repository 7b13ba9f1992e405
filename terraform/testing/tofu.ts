// The real OpenTofu, for tests that compare with it.

import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The OpenTofu executable, or undefined. */
export function findTofu(): string | undefined {
  const configured = process.env.CODER_LOCAL_TOFU
  if (configured) return configured
  const [built] = globSync(join(homedir(), '.cache/coder-local-ci/tofu-*/tofu'))
  return built
}

/** The program that runs many commands in one process (.ci/tofu-batch.go), if it was built with this OpenTofu. */
export function findTofuBatch(tofu: string): string | undefined {
  const program = `${tofu}-batch`
  return existsSync(program) ? program : undefined
}

/** The CLI configuration with the providers that .ci/tofu.sh builds; an empty one without them. */
export function tofuConfiguration(): string {
  const [built] = globSync(join(homedir(), '.cache/coder-local-ci/providers/tofu.rc'))
  return built ?? '/dev/null'
}

/** Runs OpenTofu in a folder with the files and returns its output. Only the built-in provider is available. */
export function runTofu(
  tofu: string,
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  input = '',
): string {
  const cwd = mkdtempSync(join(tmpdir(), 'tofu-'))
  const env = { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' }
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(cwd, name)), { recursive: true })
      writeFileSync(join(cwd, name), text)
    }
    const result = spawnSync(tofu, args, { cwd, env, input, encoding: 'utf8' })
    if (result.error) throw result.error
    return result.stdout
  } finally {
    rmSync(cwd, { recursive: true })
  }
}
