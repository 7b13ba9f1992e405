// Reads the bodies of requests: JSON, and archives for uploads. Nothing that a form or a page of another origin can send
// without asking first, and nothing that no column and no object can hold. What a body must look like says its endpoint.

import { errorCodes, type FastifyInstance } from 'fastify'
import { invalidJson, validationFailed } from '../../api/errors.ts'
import { maxUploadBytes, tarType, zipTypes } from '../../api/templates/files.ts'

/** Deeper than any request of ours, and shallow enough for everything that walks through it. */
const maxLevels = 200

export function installBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, parseBody(text as string))
    } catch (error) {
      done(error as Error, undefined)
    }
  })
  app.addContentTypeParser(
    [tarType, ...zipTypes],
    { parseAs: 'buffer', bodyLimit: maxUploadBytes },
    (_request, bytes, done) => done(null, bytes),
  )
  // Coder's dashboard sends nothing under the name of a form where it cancels a build. A form itself can only POST.
  app.addContentTypeParser(formType, { parseAs: 'string' }, (request, text, done) => {
    if (text === '' && request.method !== 'POST') done(null, undefined)
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(formType), undefined)
  })
}

const formType = 'application/x-www-form-urlencoded'

/** @throws ApiError 400 */
export function parseBody(text: string): unknown {
  if (text === '') return undefined
  if (isTooDeep(text)) throw invalidJson(`It is nested more than ${maxLevels} levels deep.`)
  const value = parse(text)
  // Both need an escape or the word itself; most bodies have neither.
  if (/\\u|__proto__/.test(text)) refuseUnstorable(value, '')
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
  let isInText = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isInText && code === backslash) at++
    else if (code === quote) isInText = !isInText
    else if (isInText) continue
    else if ((code === openBracket || code === openBrace) && ++level > maxLevels) return true
    else if (code === closeBracket || code === closeBrace) level--
  }
  return false
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [...'"\\[]{}'].map((c) =>
  c.charCodeAt(0),
) as [number, number, number, number, number, number]

function refuseUnstorable(value: unknown, field: string): void {
  if (typeof value === 'string') {
    const reason = whyUnstorable(value)
    if (reason) throw validationFailed([{ field: field || 'body', detail: reason }])
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inside] of Object.entries(value)) {
      const path = field === '' ? key : `${field}.${key}`
      const reason = key === '__proto__' ? 'may not be named so' : whyUnstorable(key)
      if (reason) throw validationFailed([{ field: path.replaceAll('\0', ''), detail: reason }])
      refuseUnstorable(inside, path)
    }
  }
}

/** Texts that PostgreSQL has no place for. @returns null for a text that can be kept */
function whyUnstorable(text: string): string | null {
  if (text.includes('\0')) return 'holds the character NUL'
  return text.isWellFormed() ? null : 'holds half a character (a lone surrogate)'
}
