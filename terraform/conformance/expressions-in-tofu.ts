// Asks the real OpenTofu, many cases at a time: each is an output in a file of its own, and what has failed is taken out
// until the rest plans.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseExactly } from './exact-json.ts'
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

// OpenTofu itself goes on without end on some numbers.
const timeout = 120_000

// One stage of reading a module hides the next, and there are fewer stages and infinite values than this.
const maxPlans = 30

/** What OpenTofu says of each expression, in their order. `sceneDir` holds the module that they stand in. */
export function evaluateInTofu(tofu: string, sceneDir: string, expressions: readonly string[]): Outcome[] {
  const dir = mkdtempSync(join(tmpdir(), 'conformance-'))
  try {
    cpSync(sceneDir, dir, { recursive: true })
    for (const [index, expression] of expressions.entries()) {
      writeFileSync(join(dir, `c${index}.tf`), moduleText(`c${index}`, expression))
    }
    const failures = removeFailures(tofu, dir)
    const planned = parseExactly(run(tofu, dir, ['show', '-json', 'plan'])) as PlannedOutputs
    return expressions.map((_, index) => failures.get(`c${index}.tf`) ?? outcomeOf(planned, `c${index}`))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

// Told of one output at a time, and nowhere.
const infiniteOutput = /output value "(\w+)": cannot serialize infinity/

/** Plans until nothing fails; what failed is told by the name of its file. */
function removeFailures(tofu: string, dir: string): Map<string, Outcome> {
  const failures = new Map<string, Outcome>()
  for (let round = 0; round < maxPlans; round++) {
    const told = diagnosticsOf(run(tofu, dir, ['plan', '-json', '-input=false', '-out=plan']))
    const errors = told.filter(({ severity }) => severity === 'error')
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
  throw new Error('OpenTofu still finds errors after all that it has told were taken out.')
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
  // The type of a null is not told.
  return (output?.value ?? null) === null ? 'null' : describeValue(output?.type, output?.value)
}
