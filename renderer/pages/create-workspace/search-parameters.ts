// Initial values from the address of the form, as in links of READMEs: `?name=api&param.size=4`. Compatible with Coder.

import type { Answers } from '../../api/parameter-form.ts'

const prefix = 'param.'

/** @param search query string with its question mark */
export function readSearchParameters(search: string): { name: string | undefined; answers: Answers } {
  const query = new URLSearchParams(search)
  const given = [...query].filter(([key]) => key.startsWith(prefix) && key.length > prefix.length)
  return {
    name: query.get('name') || undefined,
    answers: Object.fromEntries(given.map(([key, value]) => [key.slice(prefix.length), value])),
  }
}
