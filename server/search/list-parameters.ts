// The query parameters that lists of daemons and of jobs have in common.

import { invalidQuery } from '../../api/errors.ts'
import { isUuid } from '../../lib/uuid.ts'

/** @throws ApiError 400 naming what is no id */
export function splitIds(field: string, text: string | undefined): string[] | undefined {
  if (!text) return undefined
  const ids = text.split(',')
  const wrong = ids.find((id) => !isUuid(id))
  if (wrong === undefined) return ids
  throw invalidQuery([{ field, detail: `"${wrong}" is not an id.` }])
}

/** @throws ApiError 400 naming what is not among the words */
export function splitWords(field: string, text: string | undefined, words: readonly string[]): string[] | undefined {
  if (!text) return undefined
  const given = text.split(',')
  const wrong = given.find((word) => !words.includes(word))
  if (wrong === undefined) return given
  throw invalidQuery([{ field, detail: `"${wrong}" is not one of ${words.join(', ')}.` }])
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** @returns milliseconds. @throws ApiError 400 unless it is a duration in Go's notation */
export function readAge(field: string, text: string | undefined): number | undefined {
  if (!text) return undefined
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smh]))+$/.test(text))
    throw invalidQuery([{ field, detail: `"${text}" is not a duration, such as 1h0m0s.` }])
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smh])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0),
    0,
  )
}

/** @throws ApiError 400 unless it is a JSON object of texts */
export function readTags(text: string | undefined): Record<string, string> | undefined {
  if (!text) return undefined
  try {
    const tags: unknown = JSON.parse(text)
    const isObject = typeof tags === 'object' && tags !== null && !Array.isArray(tags)
    if (isObject && Object.values(tags).every((value) => typeof value === 'string'))
      return tags as Record<string, string>
  } catch {
    // Told below, like JSON of another form.
  }
  throw invalidQuery([{ field: 'tags', detail: 'must be a JSON object of texts, such as {"scope":"organization"}.' }])
}
