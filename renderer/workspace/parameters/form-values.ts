// The state of a parameter form as values: what a field shows, whether the form is acceptable and what is submitted.

import type { PreviewParameter } from '../../../api/templates/template-versions.ts'
import type { FormState } from '../../api/parameter-form.ts'
import { hasError } from './parameters.ts'

/** @param names the only parameters to show; undefined for all */
export function filterParameters(state: FormState, names: readonly string[] | undefined): FormState {
  if (!names || !state.evaluated) return state
  const parameters = state.evaluated.parameters.filter(({ name }) => names.includes(name))
  return { ...state, evaluated: { ...state.evaluated, parameters } }
}

/** Whether neither the template nor a value has an error. */
export const isAcceptable = ({ evaluated }: FormState): boolean =>
  evaluated !== undefined &&
  !evaluated.parameters.some(hasError) &&
  !evaluated.diagnostics.some(({ severity }) => severity === 'error')

/** The entered value, or else the template's value. A disabled parameter always has the template's value. */
export const shownValue = ({ values }: FormState, { name, value, styling }: PreviewParameter): string =>
  (styling.disabled ? undefined : values[name]) ?? value.value

export const toRichParameterValues = (state: FormState) =>
  (state.evaluated?.parameters ?? [])
    .filter(({ name, value }) => value.valid || state.values[name] !== undefined)
    .map((parameter) => ({ name: parameter.name, value: shownValue(state, parameter) }))

/** Waits for the next rendering, which marks invalid fields. */
export function focusFirstInvalidField(form: EventTarget): void {
  requestAnimationFrame(() => {
    if (form instanceof HTMLElement) form.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  })
}
