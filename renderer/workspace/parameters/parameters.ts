// Template parameters as form fields: the control, the parsed value and the message of each. The parameters and their
// diagnostics come from the server; see api/parameter-form.ts.

import type {
  FriendlyDiagnostic,
  PreviewParameter,
  TemplateVersionParameter,
} from '../../../api/templates/template-versions.ts'
import { splitSourcePosition } from '../diagnostics/diagnostics.ts'

export type ParameterControl =
  | 'choices'
  | 'dropdown'
  | 'multi-select'
  | 'tags'
  | 'switch'
  | 'checkbox'
  | 'slider'
  | 'number'
  | 'long-text'
  | 'secret'
  | 'folder'
  | 'text'

export function chooseControl(parameter: PreviewParameter): ParameterControl {
  const { form_type: form, type, options } = parameter
  if (form === 'multi-select' || (type === 'list(string)' && options.length > 0)) return 'multi-select'
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

/** Folders have no parameter type; they are recognized by name. */
export const isFolder = ({ type, name }: Pick<TemplateVersionParameter, 'type' | 'name'>): boolean =>
  type === 'string' && /^(folder|directory|dir|workdir|working_directory)$/i.test(name)

/** The range of a number; undefined if it has no minimum or no maximum. */
export function limitsOf({ validations }: PreviewParameter): { min: number; max: number } | undefined {
  const [first] = validations
  const min = first?.validation_min
  const max = first?.validation_max
  return typeof min === 'number' && typeof max === 'number' && min < max ? { min, max } : undefined
}

/** The elements of a JSON list; empty for invalid input. */
export function parseList(value: string): string[] {
  try {
    const list: unknown = JSON.parse(value || '[]')
    return Array.isArray(list) ? list.map(String) : []
  } catch {
    return []
  }
}

export interface ParameterMessage {
  readonly severity: 'error' | 'warning'
  readonly text: string
}

/** The most severe message about the value.
 *  @param isTouched the user has visited the field or submitted the form; a missing value is reported only then */
export function findParameterMessage(parameter: PreviewParameter, isTouched: boolean): ParameterMessage | undefined {
  const visible = parameter.diagnostics.filter(({ extra }) => isTouched || extra.code !== 'required')
  const first = visible.find(({ severity }) => severity === 'error') ?? visible[0]
  return first && { severity: first.severity, text: formatMessage(first, parameter) }
}

/** The message without the parameter name and source position, which are obvious next to the field. */
function formatMessage({ summary, detail, extra }: FriendlyDiagnostic, { validations }: PreviewParameter): string {
  if (extra.code === 'required') return 'A value is required.'
  const { text } = splitSourcePosition(detail || summary)
  const customMessage = validations[0]?.validation_error
  return customMessage && text.endsWith(customMessage) ? customMessage : text
}

export const hasError = ({ diagnostics }: PreviewParameter): boolean =>
  diagnostics.some(({ severity }) => severity === 'error')

/** Markdown without its markup, for descriptions below a field. */
export const plainText = (markdown: string): string =>
  markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|`+)(.+?)\1/g, '$2')
    .replace(/^#+\s+/gm, '')
    .trim()
