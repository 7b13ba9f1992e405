// The parameters of a template version, in one format for dynamic parameters, which are evaluated again after each answer,
// and for classic parameters, which are fixed at the import.

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
  /** Several choices may be selected. */
  readonly isList: boolean
  readonly isMutable: boolean
  readonly isEphemeral: boolean
  readonly isSecret: boolean
  /** Undefined for a required parameter. */
  readonly defaultValue: string | undefined
  /** The validation error of the current answer. Classic parameters are validated only by the build. */
  readonly problem: string | undefined
}

export type Answers = ReadonlyMap<string, string>
/** Returns the parameters for the answers so far. */
export type EvaluateForm = (answers: Answers) => Promise<readonly FormParameter[]>

export interface ParameterFormSource {
  readonly versionId: string
  readonly isClassic: boolean
  /** The owner of the workspace; the signed-in user by default. */
  readonly ownerId?: string
}

export function createParameterForm(
  { client }: Connection,
  { versionId, isClassic, ownerId }: ParameterFormSource,
): EvaluateForm {
  const params = { templateversion: versionId }
  if (isClassic) {
    let parameters: Promise<readonly FormParameter[]> | undefined
    return () => (parameters ??= client.call(getRichParameters, { params }).then((all) => all.map(fromClassic)))
  }
  // Coder's server returns no parameters without an owner.
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

function firstError({ diagnostics }: PreviewParameter): string | undefined {
  const error = diagnostics.find(({ severity }) => severity === 'error')
  return error && (error.detail || error.summary)
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
  problem: firstError(parameter),
})
