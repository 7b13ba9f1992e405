// Which values a build gets for the parameters of its template: those given by flags and files, those of a preset,
// those of an earlier build, and what is asked for the rest. What a value must be like is the template's business:
// coderd checks it.

import { getTemplateVersionPresets, type Preset } from '../../api/templates/template-versions.ts'
import { type NamedValue, parsePairs } from '../arguments/name-value-pairs.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'
import { note } from '../output/print.ts'
import { isInteractive, promptSecret, promptText, select, selectMany } from '../prompts/prompts.ts'
import { createParameterForm, type FormParameter, type ParameterFormSource } from './parameter-form.ts'

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

interface KnownValues {
  /** Of the workspace's last build; undefined for a new workspace. */
  readonly previous?: readonly NamedValue[]
  /** Taken over from another workspace. */
  readonly copied?: readonly NamedValue[]
}

/** @throws CommandError when a value is given for no parameter or for one that has its value for good, or a needed one
 *  cannot be asked for. */
export async function chooseParameters(
  connection: Connection,
  form: ParameterFormSource,
  flags: ParameterFlags,
  { previous, copied = [] }: KnownValues,
): Promise<ChosenParameters> {
  const preset = await findPreset(connection, form.versionId, flags.preset)
  if (preset)
    note(
      `Preset ${preset.Name}: ${presetValues(preset)
        .map(({ name, value }) => `${name} = ${value}`)
        .join(', ')}`,
    )
  const given = await readValueFlags(flags)
  const explicit = toMap([...copied, ...given, ...presetValues(preset)])
  const last = toMap(previous ?? [])
  const suggested = toMap(parsePairs(flags.parameterDefault ?? [], '--parameter-default'))
  const known = { isNew: previous === undefined, last, suggested }
  const askTemplate = createParameterForm(connection, form)
  const answers = new Map([...last, ...explicit])
  const chosen = new Map<string, string>()
  const decided = new Set<string>()
  let asked = await askTemplate(answers)
  for (let next = first(asked, decided); next; next = first(asked, decided)) {
    const { name, defaultValue } = next
    const value = explicit.get(name) ?? (await resolveValue(next, flags, known))
    decided.add(name)
    if (value === undefined) continue
    chosen.set(name, value)
    const isNews = value !== (answers.get(name) ?? defaultValue)
    answers.set(name, value)
    // What else is asked may depend on it.
    if (isNews) asked = await askTemplate(answers)
    const problem = asked.find((parameter) => parameter.name === name)?.problem
    if (problem === undefined || explicit.has(name) || !isInteractive()) continue
    note(problem)
    decided.delete(name)
  }
  rejectUnknownNames(given, asked)
  rejectImmutableChanges(given, asked, last)
  return { values: [...chosen].map(([name, value]) => ({ name, value })), presetId: preset?.ID }
}

const first = (asked: readonly FormParameter[], decided: ReadonlySet<string>) =>
  asked.find(({ name }) => !decided.has(name))

const toMap = (values: readonly NamedValue[]) => new Map(values.map(({ name, value }) => [name, value]))

const presetValues = (preset: Preset | undefined): NamedValue[] =>
  (preset?.Parameters ?? []).map(({ Name, Value }) => ({ name: Name, value: Value }))

/** @returns undefined to leave the value to coderd: it knows the last one and the default. */
async function resolveValue(
  parameter: FormParameter,
  flags: ParameterFlags,
  {
    isNew,
    last,
    suggested,
  }: { isNew: boolean; last: ReadonlyMap<string, string>; suggested: ReadonlyMap<string, string> },
): Promise<string | undefined> {
  const { name, isMutable, defaultValue } = parameter
  if (parameter.isEphemeral) return wantsEphemeral(flags) ? promptForValue(parameter, defaultValue, flags) : undefined
  const before = last.get(name)
  const suggestion = suggested.get(name)
  if (isMutable && before !== undefined && !isOffered(parameter, before) && isInteractive())
    return promptForValue(parameter, suggestion ?? defaultValue, flags)
  if (isMutable && flags.alwaysPrompt) return promptForValue(parameter, before ?? suggestion ?? defaultValue, flags)
  if (before !== undefined) return undefined
  // A later version's parameter that can still be changed gets its default; what is for good, somebody decides.
  if (!isNew && isMutable && defaultValue !== undefined) return suggestion
  return promptForValue(parameter, suggestion ?? defaultValue, flags)
}

/** A later version may have other choices. */
const isOffered = ({ choices, isList }: FormParameter, value: string) =>
  isList || choices.length === 0 || choices.some((choice) => choice.value === value)

const wantsEphemeral = ({ promptEphemeralParameters, buildOptions }: ParameterFlags) =>
  Boolean(promptEphemeralParameters || buildOptions)

async function promptForValue(
  { name, title, description, choices, isSecret, isList }: FormParameter,
  initial: string | undefined,
  { yes, useParameterDefaults }: ParameterFlags,
): Promise<string | undefined> {
  // `--yes` does not keep a person from being asked, as in Coder: what is for good would be decided unseen.
  const isUnasked = useParameterDefaults || (!isInteractive() && (yes || isList))
  if (initial !== undefined && isUnasked) return initial
  const question = [title, description].filter(Boolean).join(' - ')
  const flag = `--parameter ${name}=…`
  if (choices.length > 0 && isList)
    return JSON.stringify(await selectMany(question, choices, { flag, initial: parseListValue(initial) }))
  const asked = { flag, ...(initial === undefined ? {} : { initial }) }
  if (choices.length > 0) return select(question, choices, asked)
  const validate = (answer: string) => (answer === '' && initial === undefined ? 'A value is needed.' : undefined)
  return (isSecret ? promptSecret : promptText)(question, { ...asked, validate })
}

/** The values in a list that is written as JSON. */
function parseListValue(text = '[]'): string[] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.map(String) : []
  } catch {
    return [] // a value of an earlier version, which was no list
  }
}

async function readValueFlags(flags: ParameterFlags): Promise<NamedValue[]> {
  const named = [
    ...parsePairs(flags.parameter ?? [], '--parameter'),
    ...parsePairs(flags.ephemeralParameter ?? [], '--ephemeral-parameter'),
    ...parsePairs(flags.buildOption ?? [], '--build-option'),
  ]
  if (!flags.richParameterFile) return named
  const { readValuesFile } = await import('../arguments/values-file.ts')
  return [...named, ...readValuesFile(flags.richParameterFile)]
}

function rejectUnknownNames(given: readonly NamedValue[], asked: readonly FormParameter[]): void {
  const unknown = given.find(({ name }) => !asked.some((parameter) => parameter.name === name))
  if (!unknown) return
  throw new CommandError(`The template has no parameter ${unknown.name}.`, {
    detail: `Parameters: ${asked.map(({ name }) => name).join(', ') || 'none'}`,
  })
}

/** coderd refuses that too, but a restart has stopped the workspace by then. */
function rejectImmutableChanges(
  given: readonly NamedValue[],
  asked: readonly FormParameter[],
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
export async function promptForPreset({ client }: Connection, templateversion: string): Promise<string | undefined> {
  if (!isInteractive()) return undefined
  const presets = (await client.call(getTemplateVersionPresets, { params: { templateversion } })) ?? []
  if (presets.length === 0) return undefined
  const choices = presets.map(({ Name, Description }) => ({ value: Name, label: Name, description: Description }))
  const none = { value: 'none', label: 'none', description: 'every parameter by itself' }
  const usual = presets.find(({ Default }) => Default)?.Name
  return select('Preset', [...choices, none], { flag: '--preset', ...(usual ? { initial: usual } : {}) })
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
