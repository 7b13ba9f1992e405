// System requirements of some tests beyond Node.js and npm packages. A test with a missing requirement is skipped, and
// the summary of `npm test` lists the reason; in CI a skip is a failure.

import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { debianPackages, explainMissing, findProgram, type SystemProgram } from '../../scripts/system-packages.mjs'

declare module 'vitest' {
  interface TaskMeta {
    /** Reason for a skip, for scripts/reporters/vitest.mjs. */
    skipReason?: string
  }
}

/** @returns the reason when the requirement is missing */
type Check = () => string | undefined

const inCache = (pattern: string) => globSync(join(homedir(), '.cache/coder-local-ci', pattern)).length > 0

const checks = {
  linux: () => (process.platform === 'linux' ? undefined : 'This test runs on Linux only.'),
  root: () => (process.getuid?.() === 0 ? undefined : 'This test needs root.'),
  'mount permission': () => (canMount() ? undefined : 'This user has no permission to mount file systems.'),
  tofu: () =>
    process.env.CODER_LOCAL_TOFU || inCache('tofu-*/tofu')
      ? undefined
      : 'OpenTofu is not built. With Go: .ci/tofu.sh. An installed one: CODER_LOCAL_TOFU=/path/to/tofu.',
  'tofu providers': () =>
    inCache('providers/tofu.rc') ? undefined : 'The Terraform providers are not built. With Go: .ci/tofu.sh.',
  hcldec: () => (inCache('hcl-*/hclspecsuite') ? undefined : "HCL's own hcldec is not built. With Go: .ci/hcl.sh."),
  'official coder': () =>
    process.env.CODER_LOCAL_OFFICIAL_CODER || inCache('coder-cli-*/coder')
      ? undefined
      : "Coder's own command line is not built. With Go: .ci/official-client.sh. An installed one: " +
        'CODER_LOCAL_OFFICIAL_CODER=/path/to/coder.',
} satisfies Record<string, Check>

export type Requirement = SystemProgram | keyof typeof checks

/** Explains the first missing requirement; undefined when none is missing. */
export function findSkipReason(...requirements: readonly Requirement[]): string | undefined {
  return requirements.map(explain).find((reason) => reason !== undefined)
}

function explain(requirement: Requirement): string | undefined {
  if (isProgram(requirement)) return findProgram(requirement) ? undefined : explainMissing(requirement)
  return checks[requirement]()
}

function isProgram(requirement: Requirement): requirement is SystemProgram {
  return requirement in debianPackages
}

/** Options for Vitest's `test` and `describe` that skip when a requirement is missing. */
export function requires(...requirements: readonly Requirement[]): {
  skip?: boolean
  meta?: { skipReason: string }
} {
  const skipReason = findSkipReason(...requirements)
  return skipReason === undefined ? {} : { skip: true, meta: { skipReason } }
}

function canMount(): boolean {
  const source = mkdtempSync(join(tmpdir(), 'mount-source-'))
  const target = mkdtempSync(join(tmpdir(), 'mount-target-'))
  try {
    if (spawnSync('mount', ['--bind', source, target]).status !== 0) return false
    spawnSync('umount', [target])
    return true
  } finally {
    rmdirSync(target)
    rmdirSync(source)
  }
}
