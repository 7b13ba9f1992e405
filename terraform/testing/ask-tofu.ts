// Asks the real OpenTofu about a module, for tests that compare with it.

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** What the program prints in a folder of these files. Providers but the built-in one are not there. */
export function askInModule(
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
