// Evaluates expressions in the real OpenTofu, many at a time: each is an output in its own file, and failed ones are
// removed until the plan succeeds.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseWithRawNumbers } from '../values/exact-json.ts'
import { describeError, describeValue, type LineColumn, moduleText, type Outcome } from './expression-cases.ts'

interface PlannedOutputs {
  readonly planned_values: { readonly outputs?: Record<string, { readonly type?: unknown; readonly value?: unknown }> }
  readonly output_changes?: Record<string, { readonly after?: unknown; readonly after_unknown?: unknown }>
}

interface TofuDiagnostic {
  readonly severity: string
  readonly summary: string
  readonly detail: string
  readonly range?: { readonly filename: string; readonly start: LineColumn; readonly end: LineColumn }
}

// OpenTofu does not terminate for some numbers.
const timeout = 120_000

// Errors of one stage hide those of later stages, and infinite values are reported one by one. The cases need fewer plans.
const maxPlans = 30

/** OpenTofu's outcomes in the order of the expressions. `fixtureDir` contains the module around them. */
export function evaluateInTofu(tofu: string, fixtureDir: string, expressions: readonly string[]): Outcome[] {
  const dir = mkdtempSync(join(tmpdir(), 'conformance-'))
  try {
    cpSync(fixtureDir, dir, { recursive: true })
    for (const [index, expression] of expressions.entries()) {
      writeFileSync(join(dir, `c${index}.tf`), moduleText(`c${index}`, expression))
    }
    const failures = removeFailures(tofu, dir)
    const planned = parseWithRawNumbers(run(tofu, dir, ['show', '-json', 'plan'])) as PlannedOutputs
    return expressions.map((_, index) => failures.get(`c${index}.tf`) ?? outcomeOf(planned, `c${index}`))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

// Reported for one output at a time, without a range.
const infiniteOutput = /output value "(\w+)": cannot serialize infinity/

/** Plans until nothing fails, and returns the failures by file name. */
function removeFailures(tofu: string, dir: string): Map<string, Outcome> {
  const failures = new Map<string, Outcome>()
  for (let attempt = 0; attempt < maxPlans; attempt++) {
    const diagnostics = diagnosticsOf(run(tofu, dir, ['plan', '-json', '-input=false', '-out=plan']))
    const errors = diagnostics.filter(({ severity }) => severity === 'error')
    if (errors.length === 0) return failures
    const infinite = errors.map(({ detail }) => infiniteOutput.exec(detail)?.[1]).find((name) => name !== undefined)
    if (infinite !== undefined) {
      failures.set(`${infinite}.tf`, 'infinite')
      rmSync(join(dir, `${infinite}.tf`))
      continue
    }
    for (const { summary, range } of errors.sort(byPosition)) {
      if (!range?.filename || !existsSync(join(dir, range.filename))) continue
      const isSensitive = summary === 'Output refers to sensitive values'
      failures.set(range.filename, isSensitive ? 'sensitive' : describeError(summary, range.start, range.end))
      rmSync(join(dir, range.filename))
    }
    if (errors.every(({ range }) => !range?.filename)) throw new Error(`OpenTofu fails: ${JSON.stringify(errors)}`)
  }
  throw new Error(`OpenTofu still reports errors after ${maxPlans} plans.`)
}

const byPosition = (a: TofuDiagnostic, b: TofuDiagnostic) =>
  (a.range?.start.line ?? 0) - (b.range?.start.line ?? 0) || (a.range?.start.column ?? 0) - (b.range?.start.column ?? 0)

const diagnosticsOf = (output: string): TofuDiagnostic[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { readonly diagnostic?: TofuDiagnostic })
    .flatMap(({ diagnostic }) => diagnostic ?? [])

function run(tofu: string, dir: string, args: readonly string[]): string {
  const environment = {
    ...process.env,
    TF_CLI_CONFIG_FILE: '/dev/null',
    CHECKPOINT_DISABLE: '1',
    TF_IN_AUTOMATION: '1',
  }
  const options = { cwd: dir, env: environment, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, timeout } as const
  const result = spawnSync(tofu, args, options)
  if (result.error) throw result.error
  return result.stdout
}

function outcomeOf(planned: PlannedOutputs, name: string): Outcome {
  const change = planned.output_changes?.[name]
  if (change?.after_unknown === true) return 'unknown'
  if (change && change.after_unknown !== false) return `partly unknown ${JSON.stringify(change.after)}`
  const output = planned.planned_values.outputs?.[name]
  // The plan does not contain the type of a null.
  return (output?.value ?? null) === null ? 'null' : describeValue(output?.type, output?.value)
}
