// Resolves the parameter values of a build from flags and files, a preset, an earlier build, and prompts. coderd validates
// the values.

import { getTemplateVersionPresets, type Preset } from '../../api/templates/template-versions.ts'
import { type NamedValue, parsePairs } from '../arguments/name-value-pairs.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'
import { note } from '../output/print.ts'
import { isInteractive, promptSecret, promptText, select, selectMany } from '../prompts/prompts.ts'
import { createParameterForm, type FormParameter, type ParameterFormSource } from './parameter-form.ts'

/** The parameter flags; each command declares those it supports. */
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

export interface ResolvedParameters {
  readonly values: NamedValue[]
  readonly presetId: string | undefined
}

interface KnownValues {
  /** The values of the workspace's latest build; undefined for a new workspace. */
  readonly previous?: readonly NamedValue[]
  /** The values of another workspace. */
  readonly copied?: readonly NamedValue[]
}

/** @throws CommandError for a value of an unknown parameter, a changed value of an immutable one, or a required value that
 *  cannot be prompted for */
export async function resolveParameters(
  connection: Connection,
  form: ParameterFormSource,
  flags: ParameterFlags,
  { previous, copied = [] }: KnownValues,
): Promise<ResolvedParameters> {
  const preset = await findPreset(connection, form.versionId, flags.preset)
  if (preset)
    note(
      `Preset ${preset.Name}: ${presetValues(preset)
        .map(({ name, value }) => `${name} = ${value}`)
        .join(', ')}`,
    )
  const fromFlags = await readValueFlags(flags)
  const explicit = toMap([...copied, ...fromFlags, ...presetValues(preset)])
  const last = toMap(previous ?? [])
  const suggested = toMap(parsePairs(flags.parameterDefault ?? [], '--parameter-default'))
  const defaults = { isNew: previous === undefined, last, suggested }
  const evaluate = createParameterForm(connection, form)
  const answers = new Map([...last, ...explicit])
  const values = new Map<string, string>()
  const resolved = new Set<string>()
  let parameters = await evaluate(answers)
  for (let next = nextOf(parameters, resolved); next; next = nextOf(parameters, resolved)) {
    const { name, defaultValue } = next
    const value = explicit.get(name) ?? (await resolveValue(next, flags, defaults))
    resolved.add(name)
    if (value === undefined) continue
    values.set(name, value)
    const hasChanged = value !== (answers.get(name) ?? defaultValue)
    answers.set(name, value)
    // Other parameters may depend on the value.
    if (hasChanged) parameters = await evaluate(answers)
    const problem = parameters.find((parameter) => parameter.name === name)?.problem
    if (problem === undefined || explicit.has(name) || !isInteractive()) continue
    note(problem)
    resolved.delete(name)
  }
  rejectUnknownNames(fromFlags, parameters)
  rejectImmutableChanges(fromFlags, parameters, last)
  return { values: [...values].map(([name, value]) => ({ name, value })), presetId: preset?.ID }
}

const nextOf = (parameters: readonly FormParameter[], resolved: ReadonlySet<string>) =>
  parameters.find(({ name }) => !resolved.has(name))

const toMap = (values: readonly NamedValue[]) => new Map(values.map(({ name, value }) => [name, value]))

const presetValues = (preset: Preset | undefined): NamedValue[] =>
  (preset?.Parameters ?? []).map(({ Name, Value }) => ({ name: Name, value: Value }))

/** @returns undefined to let coderd use the previous or the default value */
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
  // For an existing workspace, a new mutable parameter gets its default; an immutable one is prompted for.
  if (!isNew && isMutable && defaultValue !== undefined) return suggestion
  return promptForValue(parameter, suggestion ?? defaultValue, flags)
}

/** A newer version may have different choices. */
const isOffered = ({ choices, isList }: FormParameter, value: string) =>
  isList || choices.length === 0 || choices.some((choice) => choice.value === value)

const wantsEphemeral = ({ promptEphemeralParameters, buildOptions }: ParameterFlags) =>
  Boolean(promptEphemeralParameters || buildOptions)

async function promptForValue(
  { name, title, description, choices, isSecret, isList }: FormParameter,
  initial: string | undefined,
  { yes, useParameterDefaults }: ParameterFlags,
): Promise<string | undefined> {
  // As in Coder, `--yes` does not skip prompts on a terminal: values of immutable parameters are permanent.
  const usesDefault = useParameterDefaults || (!isInteractive() && (yes || isList))
  if (initial !== undefined && usesDefault) return initial
  const question = [title, description].filter(Boolean).join(' - ')
  const flag = `--parameter ${name}=…`
  if (choices.length > 0 && isList)
    return JSON.stringify(await selectMany(question, choices, { flag, initial: parseListValue(initial) }))
  const options = { flag, ...(initial === undefined ? {} : { initial }) }
  if (choices.length > 0) return select(question, choices, options)
  const validate = (answer: string) => (answer === '' && initial === undefined ? 'A value is required.' : undefined)
  return (isSecret ? promptSecret : promptText)(question, { ...options, validate })
}

/** Parses the JSON value of a list parameter. */
function parseListValue(text = '[]'): string[] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.map(String) : []
  } catch {
    return [] // an earlier version of the parameter was not a list
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

function rejectUnknownNames(values: readonly NamedValue[], parameters: readonly FormParameter[]): void {
  const unknown = values.find(({ name }) => !parameters.some((parameter) => parameter.name === name))
  if (!unknown) return
  throw new CommandError(`The template has no parameter ${unknown.name}.`, {
    detail: `Parameters: ${parameters.map(({ name }) => name).join(', ') || 'none'}`,
  })
}

/** coderd rejects such changes too, but only after a restart has stopped the workspace. */
function rejectImmutableChanges(
  values: readonly NamedValue[],
  parameters: readonly FormParameter[],
  last: ReadonlyMap<string, string>,
): void {
  const immutable = new Set(
    parameters.filter(({ isMutable, isEphemeral }) => !isMutable && !isEphemeral).map(({ name }) => name),
  )
  const changed = values.find(({ name, value }) => immutable.has(name) && (last.get(name) ?? value) !== value)
  if (!changed) return
  throw new CommandError(`The parameter ${changed.name} is immutable.`, {
    detail: `Its value since the creation of the workspace is "${last.get(changed.name)}".`,
  })
}

/** Prompts for a preset. Undefined when the command is not interactive or the version has no presets. */
export async function promptForPreset({ client }: Connection, templateversion: string): Promise<string | undefined> {
  if (!isInteractive()) return undefined
  const presets = (await client.call(getTemplateVersionPresets, { params: { templateversion } })) ?? []
  if (presets.length === 0) return undefined
  const choices = presets.map(({ Name, Description }) => ({ value: Name, label: Name, description: Description }))
  const none = { value: 'none', label: 'none', description: 'set each parameter separately' }
  const initial = presets.find(({ Default }) => Default)?.Name
  return select('Preset', [...choices, none], { flag: '--preset', ...(initial ? { initial } : {}) })
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
