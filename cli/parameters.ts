// Which values a build gets for the parameters of its template: those given by flags and files, those of a preset,
// those of an earlier build, and what is asked for the rest. What a value must be like is the template's business:
// coderd checks it.

import { readFileSync } from 'node:fs'
import {
  getRichParameters,
  getTemplateVersionPresets,
  type Preset,
  type TemplateVersionParameter,
} from '../api/template-versions.ts'
import type { Connection } from './connect.ts'
import { CommandError } from './errors.ts'
import { ask, canAsk } from './prompts.ts'

export interface NamedValue {
  readonly name: string
  readonly value: string
}

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

/** @throws CommandError when a value is given for no parameter, or a needed one cannot be asked for. */
export async function chooseParameters(
  { client }: Connection,
  versionId: string,
  flags: ParameterFlags,
  known: Known,
): Promise<ChosenParameters> {
  const params = { templateversion: versionId }
  const parameters = await client.call(getRichParameters, { params })
  const preset = await findPreset(flags, async () => (await client.call(getTemplateVersionPresets, { params })) ?? [])
  const given = await valuesGiven(flags)
  refuseUnknown(given, parameters)
  const fromPreset = (preset?.Parameters ?? []).map(({ Name, Value }) => ({ name: Name, value: Value }))
  const suggested = parsePairs(flags.parameterDefault ?? [], '--parameter-default')
  const values = new Map<string, string>()
  for (const parameter of parameters) {
    const value = await chooseValue(parameter, flags, { given, fromPreset, suggested, ...known })
    if (value !== undefined) values.set(parameter.name, value)
  }
  return { values: [...values].map(([name, value]) => ({ name, value })), presetId: preset?.ID }
}

interface Sources extends Known {
  readonly given: readonly NamedValue[]
  readonly fromPreset: readonly NamedValue[]
  readonly suggested: readonly NamedValue[]
}

/** @returns undefined to leave the value to coderd: it knows the last one and the default. */
async function chooseValue(
  parameter: TemplateVersionParameter,
  flags: ParameterFlags,
  { given, fromPreset, suggested, copied = [], previous }: Sources,
): Promise<string | undefined> {
  const explicit = findValue(given, parameter) ?? findValue(fromPreset, parameter) ?? findValue(copied, parameter)
  if (explicit !== undefined) return explicit
  if (parameter.ephemeral)
    return wantsEphemeral(flags) ? askValue(parameter, parameter.default_value, flags) : undefined
  const last = findValue(previous, parameter)
  if (last !== undefined && (!flags.alwaysPrompt || !parameter.mutable)) return undefined
  return askValue(parameter, last ?? findValue(suggested, parameter) ?? defaultOf(parameter), flags)
}

const findValue = (values: readonly NamedValue[], { name }: TemplateVersionParameter) =>
  values.find((value) => value.name === name)?.value

const defaultOf = ({ required, default_value }: TemplateVersionParameter) => (required ? undefined : default_value)

const wantsEphemeral = ({ promptEphemeralParameters, buildOptions }: ParameterFlags) =>
  Boolean(promptEphemeralParameters || buildOptions)

async function askValue(
  parameter: TemplateVersionParameter,
  initial: string | undefined,
  { yes, useParameterDefaults }: ParameterFlags,
): Promise<string | undefined> {
  const isAnswered = initial !== undefined && (yes || useParameterDefaults || !canAsk())
  if (isAnswered) return initial
  const choices = parameter.options.map(({ value }) => value).join(', ')
  const about = [
    parameter.display_name || parameter.name,
    choices && `one of ${choices}`,
    parameter.description_plaintext,
  ]
  return ask(about.filter(Boolean).join(' - '), {
    flag: `--parameter ${parameter.name}=…`,
    ...(initial === undefined ? {} : { initial }),
  })
}

async function valuesGiven(flags: ParameterFlags): Promise<NamedValue[]> {
  const named = [
    ...parsePairs(flags.parameter ?? [], '--parameter'),
    ...parsePairs(flags.ephemeralParameter ?? [], '--ephemeral-parameter'),
    ...parsePairs(flags.buildOption ?? [], '--build-option'),
  ]
  return flags.richParameterFile ? [...named, ...(await readValuesFile(flags.richParameterFile))] : named
}

/** A YAML map; lists and numbers become the texts that parameters have. */
export async function readValuesFile(file: string): Promise<NamedValue[]> {
  const { parse } = await import('yaml')
  try {
    const content: unknown = parse(readFileSync(file, 'utf8'))
    if (typeof content !== 'object' || content === null || Array.isArray(content))
      throw new Error('It holds no map of names and values.')
    return Object.entries(content).map(([name, value]) => ({
      name,
      value: typeof value === 'string' ? value : JSON.stringify(value),
    }))
  } catch (error) {
    throw new CommandError(`The file of values ${file} cannot be read.`, { detail: (error as Error).message })
  }
}

function refuseUnknown(given: readonly NamedValue[], parameters: readonly TemplateVersionParameter[]): void {
  const unknown = given.find(({ name }) => !parameters.some((parameter) => parameter.name === name))
  if (!unknown) return
  throw new CommandError(`The template has no parameter ${unknown.name}.`, {
    detail: `Parameters: ${parameters.map(({ name }) => name).join(', ') || 'none'}`,
  })
}

async function findPreset(
  { preset: wanted }: ParameterFlags,
  list: () => Promise<Preset[]>,
): Promise<Preset | undefined> {
  if (wanted === undefined || wanted === 'none') return undefined
  const presets = await list()
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
