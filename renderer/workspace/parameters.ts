// The parameters a template asks for, as form fields: which control shows one, what its value means, and what is wrong.
// What is asked and what is wrong the server says; see api/parameter-form.ts.

import type {
  FriendlyDiagnostic,
  PreviewParameter,
  TemplateVersionParameter,
} from '../../api/templates/template-versions.ts'

export type ParameterControl =
  | 'choices'
  | 'dropdown'
  | 'several'
  | 'tags'
  | 'switch'
  | 'checkbox'
  | 'slider'
  | 'number'
  | 'long-text'
  | 'secret'
  | 'folder'
  | 'text'

export function controlOf(parameter: PreviewParameter): ParameterControl {
  const { form_type: form, type, options } = parameter
  if (form === 'multi-select' || (type === 'list(string)' && options.length > 0)) return 'several'
  if (form === 'tag-select' || type === 'list(string)') return 'tags'
  if (options.length > 0) return form === 'dropdown' ? 'dropdown' : 'choices'
  if (form === 'checkbox') return 'checkbox'
  if (form === 'switch' || type === 'bool') return 'switch'
  if (form === 'slider' && limitsOf(parameter)) return 'slider'
  if (type === 'number') return 'number'
  if (parameter.styling.mask_input) return 'secret'
  if (form === 'textarea') return 'long-text'
  return isFolder(parameter) ? 'folder' : 'text'
}

/** There is no type for folders: the name says it. */
export const isFolder = ({ type, name }: Pick<TemplateVersionParameter, 'type' | 'name'>): boolean =>
  type === 'string' && /^(folder|directory|dir|workdir|working_directory)$/i.test(name)

/** From where to where a number may go; undefined where one end is open. */
export function limitsOf({ validations }: PreviewParameter): { min: number; max: number } | undefined {
  const [first] = validations
  const min = first?.validation_min
  const max = first?.validation_max
  return typeof min === 'number' && typeof max === 'number' && min < max ? { min, max } : undefined
}

/** The values of a list, which travels as JSON. What is no list has none. */
export function listOf(value: string): string[] {
  try {
    const list: unknown = JSON.parse(value || '[]')
    return Array.isArray(list) ? list.map(String) : []
  } catch {
    return []
  }
}

export interface ParameterRemark {
  readonly severity: 'error' | 'warning'
  readonly text: string
}

/** The first thing that is to be said about the value.
 *  @param isLookedAt the person has been here, or has sent the form: before, a missing value is no news */
export function remarkOn(parameter: PreviewParameter, isLookedAt: boolean): ParameterRemark | undefined {
  const told = parameter.diagnostics.filter(({ extra }) => isLookedAt || extra.code !== 'required')
  const first = told.find(({ severity }) => severity === 'error') ?? told[0]
  return first && { severity: first.severity, text: sentenceOf(first, parameter) }
}

/** Beside the field itself neither its name nor the place in the template needs saying. */
function sentenceOf({ summary, detail, extra }: FriendlyDiagnostic, { validations }: PreviewParameter): string {
  if (extra.code === 'required') return 'The template needs a value.'
  const { text } = splitPlace(detail || summary)
  const ownWords = validations[0]?.validation_error
  return ownWords && text.endsWith(ownWords) ? ownWords : text
}

/** Diagnostics end with where in the template they come from: `… (main.tf:13:19)`. */
export function splitPlace(detail: string): { text: string; place: string | undefined } {
  const [whole, place] = /\s*\(([^()\s]+:\d+:\d+)\)$/.exec(detail) ?? []
  return { text: whole ? detail.slice(0, -whole.length) : detail, place }
}

export const isWrong = ({ diagnostics }: PreviewParameter): boolean =>
  diagnostics.some(({ severity }) => severity === 'error')

/** Descriptions are Markdown; below a field they are a sentence. */
export const plainText = (markdown: string): string =>
  markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|`+)(.+?)\1/g, '$2')
    .replace(/^#+\s+/gm, '')
    .trim()
