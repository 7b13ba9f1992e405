// Functions between values and their encodings, and digests of text.

import { type BinaryToTextEncoding, createHash } from 'node:crypto'
import { encodeJson, valueFromJson } from '../../values/json.ts'
import { dynamicType, stringType } from '../../values/type.ts'
import { string, type Value } from '../../values/value.ts'
import { type Failure, type FunctionTable, fail, type LanguageFunction, nullable, parameter } from './function.ts'

const textOf = (value: Value | undefined): string => (value?.kind === 'string' ? value.value : '')

const onText = (change: (text: string) => string): LanguageFunction => ({
  parameters: [parameter('str', stringType)],
  returns: stringType,
  call: ([text]) => string(change(textOf(text))),
})

export const digest = (content: string | Buffer, algorithm: string, encoding: BinaryToTextEncoding) =>
  createHash(algorithm).update(content).digest(encoding)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as text; undefined when they are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

function decodeBase64(text: string): Value | Failure {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return fail('it is no base64 text.', 0)
  const decoded = decodeUtf8(Buffer.from(text, 'base64'))
  return decoded === undefined ? fail('what it encodes is no UTF-8 text.', 0) : string(decoded)
}

function decodeJson(text: string): Value | Failure {
  try {
    return valueFromJson(JSON.parse(text))
  } catch (error) {
    return fail(`it is no JSON: ${(error as Error).message}.`, 0)
  }
}

/** As form data: everything but letters, digits and `-_.~` is escaped, a blank becomes `+`. */
const urlEncode = (text: string) =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+')

export const encodingFunctions: FunctionTable = {
  base64decode: {
    parameters: [parameter('str', stringType)],
    returns: stringType,
    call: ([text]) => decodeBase64(textOf(text)),
  },
  base64encode: onText((text) => Buffer.from(text).toString('base64')),
  base64sha256: onText((text) => digest(text, 'sha256', 'base64')),
  base64sha512: onText((text) => digest(text, 'sha512', 'base64')),
  jsondecode: {
    parameters: [parameter('str', stringType)],
    returns: dynamicType,
    call: ([text]) => decodeJson(textOf(text)),
  },
  jsonencode: {
    parameters: [nullable('val')],
    returns: stringType,
    call: ([value]) => string(encodeJson(value as Value)),
  },
  md5: onText((text) => digest(text, 'md5', 'hex')),
  sha1: onText((text) => digest(text, 'sha1', 'hex')),
  sha256: onText((text) => digest(text, 'sha256', 'hex')),
  sha512: onText((text) => digest(text, 'sha512', 'hex')),
  urlencode: onText(urlEncode),
}
