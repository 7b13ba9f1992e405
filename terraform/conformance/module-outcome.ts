// The comparable form of a module's outcome: one line for each diagnostic, each change and output of the plan, and each
// object of the state.

import type { LineColumn } from './expression-cases.ts'
import { stepMark } from './module-cases.ts'
import { writeSorted } from './sorted-json.ts'

export interface ReportedDiagnostic {
  readonly severity: string
  readonly summary: string
  readonly range?: { readonly file: string; readonly start: LineColumn; readonly end: LineColumn } | undefined
}

/** The results of one plan and, if it succeeded, its apply. */
export interface StepOutcome {
  readonly diagnostics: readonly ReportedDiagnostic[]
  readonly changes: readonly string[]
  readonly outputs: readonly string[]
  /** Undefined if nothing was applied. */
  readonly state: unknown
}

export function describeStep({ diagnostics, changes, outputs, state }: StepOutcome): string[] {
  const reported = [...new Set(diagnostics.map(describeDiagnostic))].sort()
  return [
    ...reported,
    ...[...changes].sort(),
    ...[...outputs].sort(),
    ...(state === undefined ? [] : describeState(state)),
  ]
}

function describeDiagnostic({ severity, summary, range }: ReportedDiagnostic): string {
  const at = range?.file ? `${range.file} ${format(range.start)}-${format(range.end)}` : noRange
  // The start of a cycle is random.
  return `${severity} ${at} ${summary.replace(/^Cycle: .*/, 'Cycle').replace('registry.terraform.io', 'registry.opentofu.org')}`
}

const noRange = '-'
const format = ({ line, column }: LineColumn) => `${line}:${column}`

export const describeChange = (
  action: string,
  address: string,
  after: string | undefined,
  sensitive: readonly string[],
): string =>
  [
    'plan',
    action,
    address,
    after ?? 'null',
    ...(sensitive.length > 0 ? [`sensitive ${sensitive.join(' ')}`] : []),
  ].join(' ')

/** The paths at which a value of Terraform's plan is `true`. */
export function pathsOf(flags: unknown, path = ''): string[] {
  if (flags === true) return [path === '' ? '.' : path]
  if (typeof flags !== 'object' || flags === null) return []
  return Object.entries(flags).flatMap(([key, inner]) => pathsOf(inner, `${path}.${key}`))
}

interface CheckResult {
  readonly objects: readonly { readonly object_addr: string }[] | null
}

/** Sorts the objects, because their order is random. */
const sortObjects = (check: CheckResult): CheckResult => ({
  ...check,
  objects: [...(check.objects ?? [])].sort((a, b) => (a.object_addr < b.object_addr ? -1 : 1)),
})

interface StateDocument {
  readonly outputs: Readonly<Record<string, unknown>>
  readonly resources: readonly StateResource[]
  readonly check_results: readonly CheckResult[] | null
}

interface StateResource {
  readonly module?: string
  readonly mode: string
  readonly type: string
  readonly name: string
  readonly provider?: string
  readonly instances: readonly {
    readonly index_key?: string | number
    readonly provider?: string
    readonly deposed?: string
    readonly private?: string
  }[]
}

function describeState(document: unknown): string[] {
  const { outputs, resources, check_results: checks } = document as StateDocument
  const lines = [
    ...Object.entries(outputs)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, output]) => `state output ${name} ${writeSorted(output)}`),
    ...resources.flatMap(describeResource).sort(),
    ...(checks ?? []).map((check) => `state check ${writeSorted(sortObjects(check))}`).sort(),
  ]
  return lines.length === 0 ? ['state empty'] : lines
}

const builtin = 'provider["terraform.io/builtin/terraform"]'

function describeResource({ module, mode, type, name, provider, instances, ...more }: StateResource): string[] {
  // This engine reads data sources in every run, so its state does not contain them.
  if (mode === 'data') return []
  const address = `${module ? `${module}.` : ''}${type}.${name}`
  return instances.map(({ index_key: key, deposed, private: _, provider: own, ...instance }) => {
    const id = key === undefined ? '' : `[${writeSorted(key)}]`
    const by =
      provider === builtin
        ? {}
        : { provider: (own ?? provider)?.replace('registry.terraform.io', 'registry.opentofu.org') }
    // The id of a deposed object is random.
    const words = deposed === undefined ? '' : ' (deposed)'
    return `state ${address}${id}${words} ${writeSorted({ ...instance, ...by, ...more })}`
  })
}

const uuid = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g

/** Replaces random ids by numbers; equal ids get the same number. */
export function hideIds(lines: readonly string[]): string[] {
  const names = new Map<string, string>()
  return lines.map((line) =>
    line.replace(uuid, (id) => {
      const name = names.get(id) ?? `<id ${names.size + 1}>`
      names.set(id, name)
      return name
    }),
  )
}

/** Removes the texts of diagnostics, and ranges of one character: those are the brace of a block, for diagnostics without an
 *  attribute path. */
export const withoutSummaries = (lines: readonly string[]): string[] => [...new Set(lines.map(withoutSummary))]

function withoutSummary(line: string): string {
  const [all, severity, place, startLine, start, endLine, end] =
    /^(error|warning) (-|\S+ (\d+):(\d+)-(\d+):(\d+))/.exec(line) ?? []
  if (all === undefined) return line
  const isBrace = startLine === endLine && Number(end) === Number(start) + 1
  return `${severity} ${isBrace ? noRange : place}`
}

/** OpenTofu stops at an error, but this engine continues and can report more. So for a failed step, only the diagnostics that
 *  OpenTofu reports are compared; those that OpenTofu reports without a range can have one here. */
export function alignOutcome(ours: readonly string[], recorded: readonly string[]): string[] {
  const recordedSteps = splitSteps(recorded)
  return splitSteps(ours)
    .map((lines, index) => {
      const expected = recordedSteps[index] ?? []
      const isStopped =
        expected.some((line) => line.startsWith('error ')) && !expected.some((line) => line.startsWith('plan '))
      const aligned = lines.map((line) =>
        isDiagnostic(line) && expected.includes(withoutRange(line)) ? withoutRange(line) : line,
      )
      const compared = isStopped ? aligned.filter((line) => !isDiagnostic(line) || expected.includes(line)) : aligned
      return [...new Set(compared)].sort((a, b) => expected.indexOf(a) - expected.indexOf(b))
    })
    .flatMap((lines, index) => (index === 0 ? lines : [stepMark, ...lines]))
}

const withoutRange = (line: string) => line.replace(/^(\w+) \S.*? \d+:\d+-\d+:\d+/, `$1 ${noRange}`)
const isDiagnostic = (line: string) => line.startsWith('error ') || line.startsWith('warning ')

function splitSteps(lines: readonly string[]): string[][] {
  const steps: string[][] = [[]]
  for (const line of lines) {
    if (line === stepMark) steps.push([])
    else steps.at(-1)?.push(line)
  }
  return steps
}
