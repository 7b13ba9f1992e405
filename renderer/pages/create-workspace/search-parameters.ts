// Initial values from the query string of the form's address, as in links of READMEs: `?name=api&param.size=4`. Compatible
// with Coder.

import type { ParameterValues } from '../../api/parameter-form.ts'

const prefix = 'param.'

/** @param search query string with its question mark */
export function readSearchParameters(search: string): { name: string | undefined; values: ParameterValues } {
  const query = new URLSearchParams(search)
  const parameters = [...query].filter(([key]) => key.startsWith(prefix) && key.length > prefix.length)
  return {
    name: query.get('name') || undefined,
    values: Object.fromEntries(parameters.map(([key, value]) => [key.slice(prefix.length), value])),
  }
}
