// Which values a build gets for the parameters of its template: those given by flags and files, those of a preset,
// those of an earlier build, and what is asked for the rest. What a value must be like is the template's business:
// coderd checks it.

import { getTemplateVersionPresets, type Preset } from '../api/template-versions.ts'
import { type AskedParameter, type Form, openForm } from './asked-parameters.ts'
import type { Connection } from './connect.ts'
import { CommandError } from './errors.ts'
import { ask, askSecret, canAsk, choose, chooseSeveral } from './prompts.ts'
import type { NamedValue } from './values-file.ts'

/** The flags about parameters; each command declares those that make sense for it. */
export interface ParameterFlags {
  readonly parameter?: readonly string[]
  readonly parameterDefault?: readonly string[]
  readonly richParameterFile?: string
  readonly ephemeralParameter?: readonly string[]
  readonly buildOption?: readonly string[]
  readonly promptEphemeralParameters?: boolean
  readonly buildOptions?: boolean
  readonly alwaysPrompt?: boolean
  readonly useParameterDefaults?: boolean
  readonly preset?: string
  readonly yes?: boolean
}

export interface ChosenParameters {
  readonly values: NamedValue[]
  readonly presetId: string | undefined
}

interface Known {
  /** Of the workspace's last build; empty for a new workspace. */
  readonly previous: readonly NamedValue[]
  /** Taken over from another workspace. */
  readonly copied?: readonly NamedValue[]
}

/** @throws CommandError when a value is given for no parameter or for one that has its value for good, or a needed one
 *  cannot be asked for. */
export async function chooseParameters(
  connection: Connection,
  form: Form,
  flags: ParameterFlags,
  { previous, copied = [] }: Known,
): Promise<ChosenParameters> {
  const preset = await findPreset(connection, form.versionId, flags.preset)
  const given = await valuesGiven(flags)
  const explicit = toMap([...copied, ...presetValues(preset), ...given])
  const last = toMap(previous)
  const suggested = toMap(parsePairs(flags.parameterDefault ?? [], '--parameter-default'))
  const askTemplate = openForm(connection, form)
  const answers = new Map([...last, ...explicit])
  const chosen = new Map<string, string>()
  const decided = new Set<string>()
  let asked = await askTemplate(answers)
  for (let next = first(asked, decided); next; next = first(asked, decided)) {
    const { name, fallback } = next
    decided.add(name)
    const value = explicit.get(name) ?? (await decide(next, flags, last, suggested))
    if (value === undefined) continue
    chosen.set(name, value)
    const isNews = value !== (answers.get(name) ?? fallback)
    answers.set(name, value)
    // What else is asked may depend on it.
    if (isNews) asked = await askTemplate(answers)
  }
  refuseUnknown(given, asked)
  refuseChange(given, asked, last)
  return { values: [...chosen].map(([name, value]) => ({ name, value })), presetId: preset?.ID }
}

const first = (asked: readonly AskedParameter[], decided: ReadonlySet<string>) =>
  asked.find(({ name }) => !decided.has(name))

const toMap = (values: readonly NamedValue[]) => new Map(values.map(({ name, value }) => [name, value]))

const presetValues = (preset: Preset | undefined): NamedValue[] =>
  (preset?.Parameters ?? []).map(({ Name, Value }) => ({ name: Name, value: Value }))

/** @returns undefined to leave the value to coderd: it knows the last one and the default. */
async function decide(
  parameter: AskedParameter,
  flags: ParameterFlags,
  last: ReadonlyMap<string, string>,
  suggested: ReadonlyMap<string, string>,
): Promise<string | undefined> {
  if (parameter.isEphemeral) return wantsEphemeral(flags) ? askValue(parameter, parameter.fallback, flags) : undefined
  const known = last.get(parameter.name)
  if (known !== undefined && (!flags.alwaysPrompt || !parameter.isMutable)) return undefined
  return askValue(parameter, known ?? suggested.get(parameter.name) ?? parameter.fallback, flags)
}

const wantsEphemeral = ({ promptEphemeralParameters, buildOptions }: ParameterFlags) =>
  Boolean(promptEphemeralParameters || buildOptions)

async function askValue(
  { name, title, description, choices, isSecret, isList }: AskedParameter,
  initial: string | undefined,
  { yes, useParameterDefaults }: ParameterFlags,
): Promise<string | undefined> {
  if (initial !== undefined && (yes || useParameterDefaults || !canAsk())) return initial
  const question = [title, description].filter(Boolean).join(' - ')
  const flag = `--parameter ${name}=…`
  if (isSecret) return askSecret(question, { flag })
  if (choices.length > 0 && isList)
    return JSON.stringify(await chooseSeveral(question, choices, { flag, initial: listOf(initial) }))
  if (choices.length > 0) return choose(question, choices, { flag, ...(initial === undefined ? {} : { initial }) })
  return ask(question, { flag, ...(initial === undefined ? {} : { initial }) })
}

/** The values in a list that is written as JSON. */
function listOf(text = '[]'): string[] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.map(String) : []
  } catch {
    return [] // a value of an earlier version, which was no list
  }
}

async function valuesGiven(flags: ParameterFlags): Promise<NamedValue[]> {
  const named = [
    ...parsePairs(flags.parameter ?? [], '--parameter'),
    ...parsePairs(flags.ephemeralParameter ?? [], '--ephemeral-parameter'),
    ...parsePairs(flags.buildOption ?? [], '--build-option'),
  ]
  if (!flags.richParameterFile) return named
  const { readValuesFile } = await import('./values-file.ts')
  return [...named, ...readValuesFile(flags.richParameterFile)]
}

function refuseUnknown(given: readonly NamedValue[], asked: readonly AskedParameter[]): void {
  const unknown = given.find(({ name }) => !asked.some((parameter) => parameter.name === name))
  if (!unknown) return
  throw new CommandError(`The template has no parameter ${unknown.name}.`, {
    detail: `Parameters: ${asked.map(({ name }) => name).join(', ') || 'none'}`,
  })
}

/** coderd refuses that too, but a restart has stopped the workspace by then. */
function refuseChange(
  given: readonly NamedValue[],
  asked: readonly AskedParameter[],
  last: ReadonlyMap<string, string>,
): void {
  const lasting = new Set(
    asked.filter(({ isMutable, isEphemeral }) => !isMutable && !isEphemeral).map(({ name }) => name),
  )
  const changed = given.find(({ name, value }) => lasting.has(name) && (last.get(name) ?? value) !== value)
  if (!changed) return
  throw new CommandError(`The parameter ${changed.name} is set once, when the workspace is made.`, {
    detail: `It is "${last.get(changed.name)}".`,
  })
}

/** A person chooses among those that there are. Undefined where nobody is asked. */
export async function askPreset(
  { client }: Connection,
  templateversion: string,
  { yes, useParameterDefaults }: ParameterFlags,
): Promise<string | undefined> {
  if (yes || useParameterDefaults || !canAsk()) return undefined
  const presets = (await client.call(getTemplateVersionPresets, { params: { templateversion } })) ?? []
  if (presets.length === 0) return undefined
  const choices = presets.map(({ Name, Description }) => ({ value: Name, label: Name, description: Description }))
  const none = { value: 'none', label: 'none', description: 'every parameter by itself' }
  const usual = presets.find(({ Default }) => Default)?.Name
  return choose('Preset', [...choices, none], { flag: '--preset', ...(usual ? { initial: usual } : {}) })
}

async function findPreset(
  { client }: Connection,
  versionId: string,
  wanted: string | undefined,
): Promise<Preset | undefined> {
  if (wanted === undefined || wanted === 'none') return undefined
  const presets = (await client.call(getTemplateVersionPresets, { params: { templateversion: versionId } })) ?? []
  const preset = presets.find(({ Name }) => Name === wanted)
  if (preset) return preset
  throw new CommandError(`The template has no preset ${wanted}.`, {
    detail: `Presets: ${presets.map(({ Name }) => Name).join(', ') || 'none'}`,
  })
}

/** `name=value` pairs of a repeated flag. @throws CommandError */
export function parsePairs(pairs: readonly string[], flag: string): NamedValue[] {
  return pairs.map((pair) => {
    const [name = '', ...rest] = pair.split('=')
    if (name === '' || rest.length === 0) throw new CommandError(`${flag} "${pair}" is not of the form name=value.`)
    return { name, value: rest.join('=') }
  })
}
