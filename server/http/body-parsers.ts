// Parses request bodies: JSON, and archives for uploads. Rejects content types that a page of another origin can send
// without a CORS preflight, and values that PostgreSQL cannot store. Endpoints validate the content by their schemas.

import { errorCodes, type FastifyInstance } from 'fastify'
import { invalidJson, validationFailed } from '../../api/errors.ts'
import { maxUploadBytes, tarType, zipTypes } from '../../api/templates/files.ts'

/** More than any endpoint needs, and few enough for recursive functions. */
const maxLevels = 200

export function installBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes, done) => {
    try {
      done(null, parseBody(decode(bytes as Buffer)))
    } catch (error) {
      done(error as Error, undefined)
    }
  })
  app.addContentTypeParser(
    [tarType, ...zipTypes],
    { parseAs: 'buffer', bodyLimit: maxUploadBytes },
    (_request, bytes, done) => done(null, bytes),
  )
  // Coder's dashboard cancels a build with an empty body of this type. HTML forms cannot send methods other than POST.
  app.addContentTypeParser(formType, { parseAs: 'string' }, (request, text, done) => {
    if (text === '' && request.method !== 'POST') done(null, undefined)
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(formType), undefined)
  })
}

const formType = 'application/x-www-form-urlencoded'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws ApiError 400 if the bytes are not UTF-8 */
function decode(bytes: Buffer): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw invalidJson('The body is not valid UTF-8.')
  }
}

/** @throws ApiError 400 */
export function parseBody(text: string): unknown {
  if (text === '') return undefined
  if (isTooDeep(text)) throw invalidJson(`The body has more than ${maxLevels} levels of nesting.`)
  const value = parse(text)
  // Fast path: NUL and lone surrogates need an escape, and most bodies contain none.
  if (/\\u|__proto__/.test(text)) rejectUnstorable(value, '')
  return value
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalidJson(error instanceof Error ? error.message : String(error))
  }
}

function isTooDeep(text: string): boolean {
  let level = 0
  let isInString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isInString && code === backslash) at++
    else if (code === quote) isInString = !isInString
    else if (isInString) continue
    else if ((code === openBracket || code === openBrace) && ++level > maxLevels) return true
    else if (code === closeBracket || code === closeBrace) level--
  }
  return false
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [...'"\\[]{}'].map((c) =>
  c.charCodeAt(0),
) as [number, number, number, number, number, number]

function rejectUnstorable(value: unknown, field: string): void {
  if (typeof value === 'string') {
    const reason = explainUnstorable(value)
    if (reason) throw validationFailed([{ field: field || 'body', detail: reason }])
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      const path = field === '' ? key : `${field}.${key}`
      const reason = key === '__proto__' ? 'is a reserved name' : explainUnstorable(key)
      if (reason) throw validationFailed([{ field: path.replaceAll('\0', ''), detail: reason }])
      rejectUnstorable(child, path)
    }
  }
}

/** Why PostgreSQL cannot store a text; null if it can. */
function explainUnstorable(text: string): string | null {
  if (text.includes('\0')) return 'contains the NUL character'
  return text.isWellFormed() ? null : 'contains a lone surrogate'
}
