// The parameters a template asks for, as form fields: which control shows one, and what is wrong with a typed value.

import type { TemplateVersionParameter } from '../../api/template-versions.ts'

export type ParameterControl = 'folder' | 'choices' | 'switch' | 'number' | 'long-text' | 'text'

export function controlOf(parameter: TemplateVersionParameter): ParameterControl {
  if (parameter.options.length > 0) return 'choices'
  if (parameter.type === 'bool') return 'switch'
  if (parameter.type === 'number') return 'number'
  if (parameter.form_type === 'textarea') return 'long-text'
  return isFolder(parameter) ? 'folder' : 'text'
}

/** There is no type for folders: the name says it. */
export const isFolder = (parameter: TemplateVersionParameter): boolean =>
  parameter.type === 'string' && /^(folder|directory|dir|workdir|working_directory)$/i.test(parameter.name)

/** What is wrong with a value, as a sentence; undefined when nothing is. */
export function valueProblem(parameter: TemplateVersionParameter, value: string): string | undefined {
  if (value === '') return parameter.required ? 'The template needs a value.' : undefined
  if (parameter.type === 'number') return numberProblem(parameter, value)
  const { validation_regex: regex } = parameter
  if (regex && !matches(regex, value)) return parameter.validation_error || `The template wants ${regex}.`
  return undefined
}

function numberProblem(parameter: TemplateVersionParameter, value: string): string | undefined {
  const number = Number(value)
  if (Number.isNaN(number)) return 'This is not a number.'
  const { validation_min: min, validation_max: max } = parameter
  const isOutside = (min !== undefined && number < min) || (max !== undefined && number > max)
  if (!isOutside) return undefined
  const limits = min === undefined ? `at most ${max}` : max === undefined ? `at least ${min}` : `from ${min} to ${max}`
  return fill(parameter.validation_error, value, min, max) || `The template wants ${limits}.`
}

const fill = (message: string | undefined, value: string, min: number | undefined, max: number | undefined): string =>
  (message ?? '').replaceAll('{value}', value).replaceAll('{min}', String(min)).replaceAll('{max}', String(max))

/** Templates use Go's regular expressions; one that JavaScript cannot read is left to the server. */
function matches(regex: string, value: string): boolean {
  try {
    return new RegExp(regex, 'u').test(value)
  } catch {
    return true
  }
}
