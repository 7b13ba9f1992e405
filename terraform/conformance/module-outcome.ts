// The words in which both sides tell what became of a module: one line for each diagnostic, each change and output of
// the plan, and the state.

import { writeSorted } from './exact-json.ts'
import type { LineColumn } from './expression-cases.ts'
import { stepMark } from './module-cases.ts'

export interface ReportedDiagnostic {
  readonly severity: string
  readonly summary: string
  readonly range?: { readonly file: string; readonly start: LineColumn; readonly end: LineColumn } | undefined
}

/** What one plan and, where it went well, its apply have given. */
export interface StepOutcome {
  readonly diagnostics: readonly ReportedDiagnostic[]
  readonly changes: readonly string[]
  readonly outputs: readonly string[]
  /** Absent where nothing was applied. */
  readonly state: unknown
}

export function describeStep({ diagnostics, changes, outputs, state }: StepOutcome): string[] {
  const told = [...new Set(diagnostics.map(describeDiagnostic))].sort()
  return [...told, ...[...changes].sort(), ...[...outputs].sort(), ...(state === undefined ? [] : describeState(state))]
}

function describeDiagnostic({ severity, summary, range: place }: ReportedDiagnostic): string {
  const at = place?.file ? `${place.file} ${written(place.start)}-${written(place.end)}` : noRange
  // Who is first in a circle is chance.
  return `${severity} ${at} ${summary.replace(/^Cycle: .*/, 'Cycle').replace('registry.terraform.io', 'registry.opentofu.org')}`
}

const noRange = '-'
const written = ({ line, column }: LineColumn) => `${line}:${column}`

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

/** The paths that a value of Terraform's plan has `true` at. */
export function pathsOf(flags: unknown, path = ''): string[] {
  if (flags === true) return [path === '' ? '.' : path]
  if (typeof flags !== 'object' || flags === null) return []
  return Object.entries(flags).flatMap(([key, inner]) => pathsOf(inner, `${path}.${key}`))
}

interface CheckResult {
  readonly objects: readonly { readonly object_addr: string }[] | null
}

/** Their order is chance. */
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
  // Data is read anew each time here, so that the state does not keep it.
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

/** Ids are random, so they are counted: equal ones stay equal. */
export function hideIds(lines: readonly string[]): string[] {
  const known = new Map<string, string>()
  return lines.map((line) =>
    line.replace(uuid, (id) => {
      const name = known.get(id) ?? `<id ${known.size + 1}>`
      known.set(id, name)
      return name
    }),
  )
}

/** Without what diagnostics say. A place of one sign is the brace of a block, where a provider has named none. */
export const withoutSummaries = (lines: readonly string[]): string[] => [...new Set(lines.map(withoutSummary))]

function withoutSummary(line: string): string {
  const [all, severity, place, startLine, start, endLine, end] =
    /^(error|warning) (-|\S+ (\d+):(\d+)-(\d+):(\d+))/.exec(line) ?? []
  if (all === undefined) return line
  const isBrace = startLine === endLine && Number(end) === Number(start) + 1
  return `${severity} ${isBrace ? noRange : place}`
}

/** Where OpenTofu stops at an error, we go on and may find more: of a step that failed, only what it tells counts. What
 *  it tells without a place may have one here. */
export function alignOutcome(ours: readonly string[], recorded: readonly string[]): string[] {
  const recordedSteps = inSteps(recorded)
  return inSteps(ours)
    .map((lines, index) => {
      const said = recordedSteps[index] ?? []
      const isStopped = said.some((line) => line.startsWith('error ')) && !said.some((line) => line.startsWith('plan '))
      const placed = lines.map((line) =>
        isDiagnostic(line) && said.includes(withoutRange(line)) ? withoutRange(line) : line,
      )
      const kept = isStopped ? placed.filter((line) => !isDiagnostic(line) || said.includes(line)) : placed
      return [...new Set(kept)].sort((a, b) => said.indexOf(a) - said.indexOf(b))
    })
    .flatMap((lines, index) => (index === 0 ? lines : [stepMark, ...lines]))
}

const withoutRange = (line: string) => line.replace(/^(\w+) \S.*? \d+:\d+-\d+:\d+/, `$1 ${noRange}`)
const isDiagnostic = (line: string) => line.startsWith('error ') || line.startsWith('warning ')

function inSteps(lines: readonly string[]): string[][] {
  const steps: string[][] = [[]]
  for (const line of lines) {
    if (line === stepMark) steps.push([])
    else steps.at(-1)?.push(line)
  }
  return steps
}
