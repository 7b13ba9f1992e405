// Query parameters shared by the lists of provisioner daemons and jobs.

import { invalidQuery } from '../../api/errors.ts'
import { isUuid } from '../../lib/uuid.ts'

/** @throws ApiError 400 with the first invalid ID */
export function splitIds(field: string, text: string | undefined): string[] | undefined {
  if (!text) return undefined
  const ids = text.split(',')
  const invalid = ids.find((id) => !isUuid(id))
  if (invalid === undefined) return ids
  throw invalidQuery([{ field, detail: `"${invalid}" is not a UUID.` }])
}

/** @throws ApiError 400 with the first word that is not in `words` */
export function splitWords(field: string, text: string | undefined, words: readonly string[]): string[] | undefined {
  if (!text) return undefined
  const values = text.split(',')
  const invalid = values.find((word) => !words.includes(word))
  if (invalid === undefined) return values
  throw invalidQuery([{ field, detail: `"${invalid}" is not one of ${words.join(', ')}.` }])
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** @returns milliseconds. @throws ApiError 400 unless the text is a duration in Go's format */
export function readAge(field: string, text: string | undefined): number | undefined {
  if (!text) return undefined
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smh]))+$/.test(text))
    throw invalidQuery([{ field, detail: `"${text}" is not a duration, such as 1h0m0s.` }])
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smh])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ''] ?? 0),
    0,
  )
}

/** @throws ApiError 400 unless the text is a JSON object with string values */
export function readTags(text: string | undefined): Record<string, string> | undefined {
  if (!text) return undefined
  try {
    const tags: unknown = JSON.parse(text)
    const isObject = typeof tags === 'object' && tags !== null && !Array.isArray(tags)
    if (isObject && Object.values(tags).every((value) => typeof value === 'string'))
      return tags as Record<string, string>
  } catch {
    // Reported below, like JSON of another type.
  }
  throw invalidQuery([
    { field: 'tags', detail: 'must be a JSON object with string values, such as {"scope":"organization"}.' },
  ])
}
