// Extracts the data of a template version from a plan or a template: parameters, presets, variables, tags and external
// authentication. Resources: extract-resources.ts.

import { errorAt } from '../diagnostics/diagnostic.ts'
import type { Snapshot } from '../engine/plan/snapshot.ts'
import type { Template } from '../engine/template/template.ts'
import { blocksField, boolField, numberField, textField, textMapField } from '../values/fields.ts'
import { encodeJson } from '../values/json.ts'
import { type ObjectValue, primitiveText } from '../values/value.ts'
import type {
  Extracted,
  ExtractedParameter,
  ExtractedPreset,
  ExtractedVariable,
  ParameterType,
} from './extracted-types.ts'
import { listInstances, reportDuplicates } from './snapshot-instances.ts'

/** In display order: by `order`, then by name. */
export function extractParameters(snapshot: Snapshot): Extracted<ExtractedParameter> {
  const found = listInstances(snapshot, 'data', 'coder_parameter').map((instance) => ({
    item: toParameter(instance.value),
    instance,
  }))
  const items = found.map(({ item }) => item).sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1))
  return { items, diagnostics: reportDuplicates(found, (parameter) => parameter.name, 'parameter') }
}

/** Converts the value of a `coder_parameter` data source. */
export function toParameter(value: ObjectValue): ExtractedParameter {
  const [rules] = blocksField(value, 'validation')
  const name = textField(value, 'name') ?? ''
  return {
    name,
    displayName: textField(value, 'display_name') ?? '',
    description: textField(value, 'description') ?? '',
    type: (textField(value, 'type') ?? 'string') as ParameterType,
    formType: textField(value, 'form_type') ?? 'input',
    styling: textField(value, 'styling') ?? '{}',
    mutable: boolField(value, 'mutable') ?? false,
    ephemeral: boolField(value, 'ephemeral') ?? false,
    defaultValue: textField(value, 'default') ?? '',
    required: boolField(value, 'optional') === false,
    icon: textField(value, 'icon') ?? '',
    order: numberField(value, 'order') ?? 0,
    options: blocksField(value, 'option').map((option) => ({
      name: textField(option, 'name') ?? '',
      description: textField(option, 'description') ?? '',
      value: textField(option, 'value') ?? '',
      icon: textField(option, 'icon') ?? '',
    })),
    validation: {
      regex: (rules && textField(rules, 'regex')) ?? '',
      error: (rules && textField(rules, 'error')) ?? '',
      min: limitOf(rules, 'min'),
      max: limitOf(rules, 'max'),
      monotonic: ((rules && textField(rules, 'monotonic')) ?? '') as ExtractedParameter['validation']['monotonic'],
    },
  }
}

export function extractPresets(snapshot: Snapshot): Extracted<ExtractedPreset> {
  const found = listInstances(snapshot, 'data', 'coder_workspace_preset').map((instance) => ({
    item: toPreset(instance.value),
    instance,
  }))
  const diagnostics = reportDuplicates(found, (preset) => preset.name, 'preset')
  const second = found.filter(({ item }) => item.isDefault)[1]
  if (second)
    diagnostics.push(
      errorAt(second.instance.range, 'Several default presets', 'Only one preset can have default = true.'),
    )
  return { items: found.map(({ item }) => item), diagnostics }
}

function toPreset(value: ObjectValue): ExtractedPreset {
  const [prebuilds] = blocksField(value, 'prebuilds')
  return {
    name: textField(value, 'name') ?? '',
    description: textField(value, 'description') ?? '',
    icon: textField(value, 'icon') ?? '',
    isDefault: boolField(value, 'default') ?? false,
    parameters: Object.entries(textMapField(value, 'parameters')).map(([name, text]) => ({ name, value: text })),
    desiredInstances: (prebuilds && numberField(prebuilds, 'instances')) ?? null,
  }
}

/** The template's input variables in declaration order. */
export function extractVariables(template: Template): readonly ExtractedVariable[] {
  return [...template.module.variables.values()].map(({ name, description, typeText, defaultValue, sensitive }) => ({
    name,
    description,
    type: typeText,
    defaultValue: sensitive || !defaultValue ? '' : (primitiveText(defaultValue) ?? encodeJson(defaultValue)),
    required: defaultValue === undefined,
    sensitive,
  }))
}

/** The provisioner tags that the template requires. */
export function extractTags(snapshot: Snapshot): Readonly<Record<string, string>> {
  const found = listInstances(snapshot, 'data', 'coder_workspace_tags')
  return Object.assign({}, ...found.map(({ value }) => textMapField(value, 'tags')))
}

/** The external authentication providers that the template uses. */
export function extractExternalAuth(
  snapshot: Snapshot,
): readonly { readonly id: string; readonly optional: boolean }[] {
  return listInstances(snapshot, 'data', 'coder_external_auth').map(({ value }) => ({
    id: textField(value, 'id') ?? '',
    optional: boolField(value, 'optional') ?? false,
  }))
}

/** The data source gives an omitted limit as zero and disabled. */
function limitOf(rules: ObjectValue | undefined, name: 'min' | 'max'): number | null {
  if (!rules || boolField(rules, `${name}_disabled`)) return null
  return numberField(rules, name) ?? null
}
