// What the address of the form says beforehand, as links in readmes do: `?name=api&param.size=4`. Coder's names.

import type { Answers } from '../../api/parameter-form.ts'

const prefix = 'param.'

/** @param search of the address, with its question mark. */
export function readSearchParameters(search: string): { name: string | undefined; answers: Answers } {
  const query = new URLSearchParams(search)
  const given = [...query].filter(([key]) => key.startsWith(prefix) && key.length > prefix.length)
  return {
    name: query.get('name') || undefined,
    answers: Object.fromEntries(given.map(([key, value]) => [key.slice(prefix.length), value])),
  }
}
