// Plans and applies a module with the real OpenTofu, step by step.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseWithRawNumbers } from '../values/exact-json.ts'
import type { LineColumn } from './expression-cases.ts'
import { type ModuleCase, type ModuleStep, stepMark } from './module-cases.ts'
import {
  describeChange,
  describeStep,
  hideIds,
  pathsOf,
  type ReportedDiagnostic,
  type StepOutcome,
} from './module-outcome.ts'
import { writeSorted } from './sorted-json.ts'
import { startTofu, type Tofu } from './tofu-commands.ts'

/** @param parallel number of modules that run at the same time */
export async function runModulesInTofu(
  tofu: string,
  cases: readonly ModuleCase[],
  parallel: number,
): Promise<string[][]> {
  const outcomes: string[][] = []
  let next = 0
  const work = async () => {
    const commands = startTofu(tofu)
    try {
      for (let at = next++; at < cases.length; at = next++)
        outcomes[at] = await runModuleInTofu(commands, cases[at] as ModuleCase)
    } finally {
      commands.close()
    }
  }
  await Promise.all(Array.from({ length: parallel }, work))
  return outcomes
}

async function runModuleInTofu(tofu: Tofu, { steps }: ModuleCase): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'conformance-'))
  try {
    const lines: string[] = []
    for (const [index, step] of steps.entries()) {
      if (index > 0) lines.push(stepMark)
      writeModule(dir, step, steps[index - 1])
      lines.push(...describeStep(await new TofuStep(tofu, dir, step).run()))
    }
    return hideIds(lines)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** Writes the files of the step and deletes those that it removes; other files stay. */
export function writeModule(dir: string, step: ModuleStep, before: ModuleStep | undefined): void {
  for (const file of Object.keys(before?.files ?? {})) if (!(file in step.files)) rmSync(join(dir, file))
  for (const [file, text] of Object.entries(step.files)) {
    mkdirSync(dirname(join(dir, file)), { recursive: true })
    writeFileSync(join(dir, file), text)
  }
}

interface TofuDiagnostic {
  readonly severity: string
  readonly summary: string
  readonly range?: { readonly filename: string; readonly start: LineColumn; readonly end: LineColumn }
}

interface Change {
  readonly address: string
  readonly deposed?: string
  readonly mode: string
  readonly previous_address?: string
  readonly change: { readonly actions: readonly string[]; readonly after: unknown; readonly after_sensitive?: unknown }
}

interface ShownPlan {
  readonly resource_changes?: readonly Change[]
  readonly output_changes?: Readonly<
    Record<string, { actions: readonly string[]; after?: unknown; after_unknown?: unknown; after_sensitive?: unknown }>
  >
}

// Occurs because the mirror has providers for only one platform.
const lockFileWarning = 'Incomplete lock file information for providers'

class TofuStep {
  readonly #tofu: Tofu
  readonly #dir: string
  readonly #step: ModuleStep
  readonly #diagnostics: ReportedDiagnostic[] = []

  constructor(tofu: Tofu, dir: string, step: ModuleStep) {
    this.#tofu = tofu
    this.#dir = dir
    this.#step = step
  }

  async run(): Promise<StepOutcome> {
    const nothing = { diagnostics: this.#diagnostics, changes: [], outputs: [], state: undefined }
    rmSync(join(this.#dir, 'plan'), { force: true })
    if (!(await this.#succeeds(['init', '-backend=false', '-json', '-no-color']))) return nothing
    if (!(await this.#succeeds(this.#planArguments()))) return nothing
    const plan = parseWithRawNumbers((await this.#tofu.run(this.#dir, ['show', '-json', 'plan'])).output) as ShownPlan
    await this.#succeeds(['apply', '-json', 'plan'])
    const stateFile = join(this.#dir, 'terraform.tfstate')
    return {
      diagnostics: this.#diagnostics,
      changes: (plan.resource_changes ?? []).flatMap(describe),
      outputs: Object.entries(plan.output_changes ?? {}).flatMap(([name, change]) => {
        if (change.actions.includes('delete') && change.actions.length === 1) return []
        const marks = change.after_sensitive === true ? ' sensitive' : ''
        const after = change.after_unknown === true ? 'unknown' : writeSorted(change.after ?? null)
        return [`plan output ${name} ${after}${marks}`]
      }),
      state: existsSync(stateFile) ? parseWithRawNumbers(readFileSync(stateFile, 'utf8')) : undefined,
    }
  }

  #planArguments(): string[] {
    const variables = Object.entries(this.#step.variables).flatMap(([name, value]) => ['-var', `${name}=${value}`])
    return ['plan', '-json', '-input=false', '-out=plan', ...(this.#step.destroys ? ['-destroy'] : []), ...variables]
  }

  /** Runs a command and records its diagnostics; false if it failed. */
  async #succeeds(args: readonly string[]): Promise<boolean> {
    const { output, succeeded } = await this.#tofu.run(this.#dir, args)
    for (const line of output.split('\n')) {
      if (!line.startsWith('{')) continue
      const { diagnostic } = JSON.parse(line) as { readonly diagnostic?: TofuDiagnostic }
      if (!diagnostic || diagnostic.summary === lockFileWarning) continue
      const { severity, summary, range } = diagnostic
      const reportedRange = range && { file: range.filename, start: range.start, end: range.end }
      this.#diagnostics.push({ severity, summary, range: reportedRange })
    }
    return succeeded
  }
}

function describe({ address, deposed, change, previous_address }: Change): string[] {
  const action = change.actions.join('+')
  if (action === 'no-op' && previous_address === undefined) return []
  const name = deposed === undefined ? address : `${address} (deposed)`
  const from = previous_address === undefined ? '' : ` from ${previous_address}`
  const after = change.after === null ? undefined : writeSorted(change.after)
  return [describeChange(action, name + from, after, pathsOf(change.after_sensitive))]
}
