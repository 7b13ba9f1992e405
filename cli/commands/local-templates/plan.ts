// `coder templates plan`: plans a started and a stopped workspace of the template in a folder: parameters, presets,
// provisioner tags, resources, agents with apps and scripts, and daily cost.

import { type Diagnostic, hasErrors, withoutDuplicates } from '../../../terraform/diagnostics/diagnostic.ts'
import { checkCoderBlocks } from '../../../terraform/extraction/check-coder-blocks.ts'
import { extractResources } from '../../../terraform/extraction/extract-resources.ts'
import { extractParameters, extractPresets, extractTags } from '../../../terraform/extraction/extract-template-data.ts'
import type {
  ExtractedPreset,
  ExtractedResource,
  ExtractedScript,
} from '../../../terraform/extraction/extracted-types.ts'
import { diagnosticToJson } from '../../../terraform/show/diagnostic-json.ts'
import { textField } from '../../../terraform/values/fields.ts'
import { openLocalTemplate, printDiagnostics, setFailureExitCode } from '../../local-templates/local-template.ts'
import { type LocalPlan, type PlanFlags, planLocalTemplate } from '../../local-templates/plan-template.ts'
import { CommandError } from '../../output/errors.ts'
import { print, printJson } from '../../output/print.ts'
import { formatTable } from '../../output/tables.ts'

interface Flags extends PlanFlags {
  readonly json?: boolean
}

export async function plan([folder = '.']: readonly string[], flags: Flags): Promise<void> {
  const template = openLocalTemplate(folder)
  const start = await planLocalTemplate(template, flags, 'start')
  const stop = await planLocalTemplate(template, flags, 'stop')
  requireParameters(start, flags.param ?? [])
  const resources = compareResources(start, stop)
  const parameters = listParameters(start)
  const presets = extractPresets(start.plan.snapshot).items
  const tags = extractTags(start.plan.snapshot)
  const diagnostics = withoutDuplicates([
    ...start.diagnostics,
    ...stop.diagnostics,
    ...resources.diagnostics,
    ...checkCoderBlocks(template),
  ])
  const sources = [...template.sources, ...start.sources]
  const notes = start.inferred.map(
    (source) => `Provider "${source}" is not bundled: its resources are shown as written in the template.`,
  )
  const cost = (transition: Transition) =>
    resources.items.reduce((sum, { resource, on }) => sum + (on.includes(transition) ? resource.dailyCost : 0), 0)
  const dailyCost = { start: cost('start'), stop: cost('stop') }
  if (flags.json) {
    printJson({
      valid: !hasErrors(diagnostics),
      parameters,
      presets: presets.map(toPresetJson),
      tags,
      resources: resources.items.map(toJson),
      daily_cost: dailyCost,
      notes,
      diagnostics: diagnostics.map((diagnostic) => diagnosticToJson(diagnostic, sources)),
    })
  } else {
    printDiagnostics(diagnostics, { dir: template.dir, sources })
    printParameters(parameters, presets)
    printTags(tags)
    printResources(resources.items)
    if (dailyCost.start > 0 || dailyCost.stop > 0)
      print(`\nDaily cost: ${dailyCost.start} while running, ${dailyCost.stop} while stopped.`)
    for (const note of notes) print(`note: ${note}`)
  }
  if (hasErrors(diagnostics)) setFailureExitCode()
}

/** @throws CommandError for a `--param` that the template does not declare */
function requireParameters({ plan: planned, diagnostics }: LocalPlan, pairs: readonly string[]): void {
  if (hasErrors(diagnostics)) return
  const names = extractParameters(planned.snapshot).items.map(({ name }) => name)
  for (const pair of pairs) {
    const [name = ''] = pair.split('=')
    if (names.includes(name)) continue
    const detail = names.length > 0 ? `Parameters: ${names.join(', ')}` : 'The template has no parameters.'
    throw new CommandError(`The template has no parameter "${name}".`, { detail })
  }
}

interface ParameterValue {
  readonly name: string
  readonly type: string
  readonly value: string
  readonly required: boolean
}

function listParameters({ plan: planned }: LocalPlan): ParameterValue[] {
  const values = planned.snapshot.instances.filter(({ address }) => address.type === 'coder_parameter')
  return extractParameters(planned.snapshot).items.map(({ name, type, required }) => {
    const found = values.find(({ value }) => textField(value, 'name') === name)
    return { name, type, value: (found && textField(found.value, 'value')) ?? '', required }
  })
}

// Resources

type Transition = 'start' | 'stop'

interface PlannedResource {
  readonly resource: ExtractedResource
  readonly on: readonly Transition[]
}

const lifetimes: Readonly<Record<string, string>> = {
  'start,stop': 'persistent',
  start: 'ephemeral',
  stop: 'only while stopped',
}

const lifetimeOf = ({ on }: PlannedResource) => lifetimes[on.join()] ?? ''

/** Merges the resources of both plans: those in both are persistent, the others ephemeral. */
function compareResources(
  start: LocalPlan,
  stop: LocalPlan,
): { items: readonly PlannedResource[]; diagnostics: readonly Diagnostic[] } {
  const started = extractResources(start.plan.snapshot)
  const stopped = extractResources(stop.plan.snapshot)
  const all = new Map<string, PlannedResource>()
  for (const resource of started.items) all.set(resource.address, { resource, on: ['start'] })
  for (const resource of stopped.items) {
    const existing = all.get(resource.address)
    all.set(resource.address, existing ? { ...existing, on: ['start', 'stop'] } : { resource, on: ['stop'] })
  }
  return { items: [...all.values()], diagnostics: [...started.diagnostics, ...stopped.diagnostics] }
}

function toJson(planned: PlannedResource) {
  const { type, name, address, dailyCost, agents } = planned.resource
  return {
    address,
    type,
    name,
    lifetime: lifetimeOf(planned),
    on_start: planned.on.includes('start'),
    on_stop: planned.on.includes('stop'),
    daily_cost: dailyCost,
    agents: agents.map((agent) => ({
      name: agent.name,
      os: agent.operatingSystem,
      arch: agent.architecture,
      apps: agent.apps.map(({ slug, displayName }) => ({ slug, display_name: displayName })),
      scripts: agent.scripts.map(({ displayName, cron, runOnStart, runOnStop }) => ({
        display_name: displayName,
        run_on_start: runOnStart,
        run_on_stop: runOnStop,
        cron,
      })),
    })),
  }
}

const toPresetJson = ({ name, isDefault, parameters }: ExtractedPreset) => ({
  name,
  default: isDefault,
  parameters: Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.value])),
})

// Text

function printParameters(parameters: readonly ParameterValue[], presets: readonly ExtractedPreset[]): void {
  if (parameters.length > 0) printTable(parameterColumns, parameters)
  if (presets.length > 0) printTable(presetColumns, presets)
}

const parameterColumns = [
  { title: 'parameter', value: ({ name }: ParameterValue) => name },
  { title: 'type', value: ({ type }: ParameterValue) => type },
  {
    title: 'value',
    value: ({ value, required }: ParameterValue) => (value === '' && required ? '(required)' : JSON.stringify(value)),
  },
]

const presetColumns = [
  { title: 'preset', value: ({ name, isDefault }: ExtractedPreset) => (isDefault ? `${name} (default)` : name) },
  {
    title: 'parameters',
    value: ({ parameters }: ExtractedPreset) =>
      parameters.map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(' '),
  },
]

function printTable<T>(columns: readonly { title: string; value: (row: T) => string }[], rows: readonly T[]): void {
  print(formatTable(columns, rows))
  print('')
}

function printTags(tags: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(tags).map(([name, value]) => `${name}=${value}`)
  if (pairs.length > 0) print(`Provisioner tags: ${pairs.join(', ')}\n`)
}

function printResources(resources: readonly PlannedResource[]): void {
  if (resources.length === 0) print('No resources.')
  else print(formatTable(resourceColumns, resources))
  for (const { resource } of resources) for (const line of agentLines(resource)) print(line)
}

const resourceColumns = [
  { title: 'resource', value: ({ resource }: PlannedResource) => resource.address },
  { title: 'on start', value: ({ on }: PlannedResource) => (on.includes('start') ? 'exists' : '-') },
  { title: 'on stop', value: ({ on }: PlannedResource) => (on.includes('stop') ? 'exists' : '-') },
  { title: 'lifetime', value: lifetimeOf },
  { title: 'daily cost', value: ({ resource }: PlannedResource) => String(resource.dailyCost) },
]

function agentLines({ address, agents }: ExtractedResource): string[] {
  return agents.flatMap((agent) => [
    `\nAgent ${agent.name} (${agent.operatingSystem}/${agent.architecture}) on ${address}`,
    ...agent.apps.map(({ slug, displayName }) => `  app ${slug}${displayName === '' ? '' : `: ${displayName}`}`),
    ...agent.scripts.map((script) => `  script ${script.displayName}: runs ${occasionsOf(script).join(', ')}`),
  ])
}

const occasionsOf = ({ runOnStart, runOnStop, cron }: ExtractedScript): string[] => [
  ...(runOnStart ? ['on start'] : []),
  ...(runOnStop ? ['on stop'] : []),
  ...(cron ? [`at "${cron}"`] : []),
]
