// What a template asks for, in one form for both ways of asking: evaluated anew after each answer, or, where a template
// wants the classic way, as it was at its import.

import { getUser } from '../../api/account/users.ts'
import {
  evaluateDynamicParameters,
  getRichParameters,
  type PreviewParameter,
  type TemplateVersionParameter,
} from '../../api/templates/template-versions.ts'
import type { Connection } from '../connection/connect.ts'
import type { Choice } from '../prompts/selection.ts'

export interface FormParameter {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly choices: readonly Choice[]
  /** Several of the choices may be taken. */
  readonly isList: boolean
  readonly isMutable: boolean
  readonly isEphemeral: boolean
  readonly isSecret: boolean
  /** Undefined when an answer is needed. */
  readonly defaultValue: string | undefined
  /** What is wrong with the answer so far; a template of the classic way has coderd say it when it is built. */
  readonly problem: string | undefined
}

export type Answers = ReadonlyMap<string, string>
/** What is asked, given the answers so far. */
export type EvaluateForm = (answers: Answers) => Promise<readonly FormParameter[]>

export interface ParameterFormSource {
  readonly versionId: string
  readonly isClassic: boolean
  /** The owner of the workspace; the caller when left out. */
  readonly ownerId?: string
}

export function createParameterForm(
  { client }: Connection,
  { versionId, isClassic, ownerId }: ParameterFormSource,
): EvaluateForm {
  const params = { templateversion: versionId }
  if (isClassic) {
    let asked: Promise<readonly FormParameter[]> | undefined
    return () => (asked ??= client.call(getRichParameters, { params }).then((all) => all.map(fromClassic)))
  }
  // Coder's server finds no parameters at all for an owner that is not named.
  let owner = ownerId
  let id = 0
  return async (answers) => {
    id += 1
    owner ??= (await client.call(getUser, { params: { user: 'me' } })).id
    const body = { id, inputs: Object.fromEntries(answers), owner_id: owner }
    const { parameters } = await client.call(evaluateDynamicParameters, { params, body })
    return parameters.map(fromDynamic)
  }
}

const choicesOf = (
  type: string,
  options: readonly { readonly name: string; readonly description: string; readonly value: string }[],
): Choice[] =>
  type === 'bool' && options.length === 0
    ? ['true', 'false'].map((value) => ({ value, label: value }))
    : options.map(({ name, description, value }) => ({ value, label: name || value, description }))

const fromClassic = (parameter: TemplateVersionParameter): FormParameter => ({
  name: parameter.name,
  title: parameter.display_name || parameter.name,
  description: parameter.description_plaintext,
  choices: choicesOf(parameter.type, parameter.options),
  isList: parameter.type === 'list(string)',
  isMutable: parameter.mutable,
  isEphemeral: parameter.ephemeral,
  isSecret: false,
  defaultValue: parameter.required ? undefined : parameter.default_value,
  problem: undefined,
})

function problemOf({ diagnostics }: PreviewParameter): string | undefined {
  const wrong = diagnostics.find(({ severity }) => severity === 'error')
  return wrong && (wrong.detail || wrong.summary)
}

const fromDynamic = (parameter: PreviewParameter): FormParameter => ({
  name: parameter.name,
  title: parameter.display_name || parameter.name,
  description: parameter.description,
  choices: choicesOf(
    parameter.type,
    parameter.options.map(({ value, ...option }) => ({ ...option, value: value.value })),
  ),
  isList: parameter.type === 'list(string)',
  isMutable: parameter.mutable,
  isEphemeral: parameter.ephemeral,
  isSecret: parameter.styling.mask_input ?? false,
  defaultValue: parameter.required || !parameter.default_value.valid ? undefined : parameter.default_value.value,
  problem: problemOf(parameter),
})
