// Encoding, decoding and hash functions.

import { type BinaryToTextEncoding, createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { encodeJson, infinityInJson, parseJson } from '../../values/json.ts'
import { refine, refinementOf } from '../../values/refinement.ts'
import { boolType, dynamicType, numberType, stringType } from '../../values/type.ts'
import {
  deepMarks,
  hasInfinity,
  isFullyKnown,
  list,
  object,
  type Refinement,
  string,
  typeOf,
  type UnknownValue,
  unknown,
  type Value,
  withMarks,
} from '../../values/value.ts'
import { type Failure, type FunctionTable, fail, type LanguageFunction, nullable, parameter } from '../function.ts'
import { textOf } from './arguments.ts'
import { parseCsv } from './csv.ts'
import { decodeText, encodeText } from './text-encoding.ts'
import { decodeYaml, encodeYaml } from './yaml.ts'

const textFunction = (change: (text: string) => string): LanguageFunction => ({
  parameters: [parameter('str', stringType)],
  returns: stringType,
  call: ([text]) => string(change(textOf(text))),
})

export const digest = (content: string | Buffer, algorithm: string, encoding: BinaryToTextEncoding) =>
  createHash(algorithm).update(content).digest(encoding)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes UTF-8; undefined if invalid. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** Ignores line breaks. */
function bytesOfBase64(text: string): Buffer | undefined {
  const digits = text.replace(/[\r\n]/g, '')
  return /^[A-Za-z0-9+/]*={0,2}$/.test(digits) && digits.length % 4 === 0 ? Buffer.from(digits, 'base64') : undefined
}

const invalidBase64 = () => fail('the text is not valid base64.')

function decodeBase64(text: string): Value | Failure {
  const bytes = bytesOfBase64(text)
  if (!bytes) return invalidBase64()
  const decoded = decodeUtf8(bytes)
  return decoded === undefined ? fail('the decoded bytes are not valid UTF-8.') : string(decoded)
}

function decodeJson(text: string): Value | Failure {
  try {
    return parseJson(text)
  } catch (error) {
    return fail(`the text is not valid JSON: ${(error as Error).message}.`)
  }
}

// Maximum size of decompressed text.
const maxDecompressedBytes = 16 * 1024 * 1024

function decompress(text: string): Value | Failure {
  const bytes = bytesOfBase64(text)
  if (!bytes) return invalidBase64()
  let decompressed: Buffer
  try {
    decompressed = gunzipSync(bytes, { maxOutputLength: maxDecompressedBytes })
  } catch (error) {
    return fail(`it cannot be decompressed with gzip: ${(error as Error).message}.`)
  }
  const decoded = decodeUtf8(decompressed)
  return decoded === undefined ? fail('the content is not valid UTF-8.', 0) : string(decoded)
}

function decodeCsv(text: string): Value | Failure {
  const records = parseCsv(text)
  if ('problem' in records) return fail(`the text is not valid CSV: ${records.problem}.`)
  const [names, ...rows] = records
  if (!names) return fail('the header line with the column names is missing.')
  if (new Set(names).size < names.length) return fail('two columns have the same name.')
  const short = rows.findIndex((row) => row.length !== names.length)
  if (short !== -1) return fail(`record ${short + 2} has more or fewer fields than the header line.`)
  const objects = rows.map((row) => object(row.map((field, index) => [names[index] as string, string(field)])))
  return list(typeOf(object(names.map((name) => [name, string('')]))), objects)
}

function encodeInto(text: string, encoding: string): Value | Failure {
  const bytes = encodeText(text, encoding)
  if (!bytes) return fail(`${JSON.stringify(encoding)} is not a supported encoding.`, 1)
  return 'problem' in bytes ? fail(`${bytes.problem}.`, 0) : string(Buffer.from(bytes).toString('base64'))
}

function decodeFrom(encoded: string, encoding: string): Value | Failure {
  if (decodeText(Buffer.alloc(0), encoding) === undefined)
    return fail(`${JSON.stringify(encoding)} is not a supported encoding.`, 1)
  const bytes = bytesOfBase64(encoded)
  if (!bytes) return fail('it is not valid base64.', 0)
  const text = decodeText(bytes, encoding)
  if (text === undefined) return fail(`${JSON.stringify(encoding)} is not a supported encoding.`, 1)
  return typeof text === 'string' ? string(text) : fail(`${text.problem}.`, 0)
}

function decodeUrl(text: string): Value | Failure {
  const bytes: number[] = []
  const plain = Buffer.from(text.replaceAll('+', ' '))
  for (let at = 0; at < plain.length; at++) {
    if (plain[at] !== 0x25) {
      bytes.push(plain[at] as number)
      continue
    }
    const hex = plain.toString('latin1', at + 1, at + 3)
    if (!/^[\da-fA-F]{2}$/.test(hex))
      return fail(`%${hex} is not a valid escape: % must be followed by two hexadecimal digits.`)
    bytes.push(Number.parseInt(hex, 16))
    at += 2
  }
  return string(Buffer.from(bytes).toString())
}

function decodeYamlText(text: string): Value | Failure {
  const value = decodeYaml(text)
  return 'problem' in value ? fail(`the text is not valid YAML: ${value.problem}.`) : value
}

/** Form encoding: escapes everything except letters, digits and `-_.~`; a space becomes `+`. */
const urlEncode = (text: string) =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+')

/** The first character of JSON text determines the type, or that it is invalid. */
function decodeUnknownJson({ prefix = '' }: UnknownValue): Value | Failure {
  const [first] = prefix.trim()
  if (first === undefined || /[[{n]/.test(first)) return unknown()
  if (first === '"') return unknown(stringType)
  if (first === 't' || first === 'f') return unknown(boolType)
  return /[-\d.]/.test(first) ? unknown(numberType) : fail(`a JSON text cannot start with ${JSON.stringify(first)}.`, 0)
}

function encode(value: Value): Value | Failure {
  if (hasInfinity(value)) return fail(infinityInJson)
  const text = isFullyKnown(value) ? string(encodeJson(value)) : refine(unknown(stringType), jsonPrefix(value))
  return withMarks(text, deepMarks(value))
}

/** The first character of the JSON text is known if the type is known and the value is not null. */
function jsonPrefix(value: Value): Refinement {
  if (!refinementOf(value).isNotNull) return {}
  const { kind } = typeOf(value)
  if (kind === 'string') return { prefix: '"' }
  if (kind === 'object' || kind === 'map') return { prefix: '{' }
  return kind === 'tuple' || kind === 'list' || kind === 'set' ? { prefix: '[' } : {}
}

export const encodingFunctions: FunctionTable = {
  base64decode: {
    parameters: [parameter('str', stringType)],
    returns: stringType,
    call: ([text]) => decodeBase64(textOf(text)),
  },
  base64encode: textFunction((text) => Buffer.from(text).toString('base64')),
  base64gunzip: {
    parameters: [parameter('str', stringType)],
    returns: stringType,
    call: ([text]) => decompress(textOf(text)),
  },
  base64gzip: textFunction((text) => gzipSync(text).toString('base64')),
  base64sha256: textFunction((text) => digest(text, 'sha256', 'base64')),
  base64sha512: textFunction((text) => digest(text, 'sha512', 'base64')),
  csvdecode: {
    parameters: [parameter('str', stringType)],
    returns: dynamicType,
    call: ([text]) => decodeCsv(textOf(text)),
  },
  jsondecode: {
    parameters: [{ ...parameter('str', stringType), mayBeUnknown: 'anywhere' }],
    returns: dynamicType,
    mayReturnNull: true,
    call: ([text]) => (text?.kind === 'unknown' ? decodeUnknownJson(text) : decodeJson(textOf(text))),
  },
  jsonencode: {
    parameters: [{ ...nullable('val'), mayBeUnknown: 'anywhere' }],
    returns: stringType,
    call: ([value]) => encode(value as Value),
  },
  md5: textFunction((text) => digest(text, 'md5', 'hex')),
  sha1: textFunction((text) => digest(text, 'sha1', 'hex')),
  sha256: textFunction((text) => digest(text, 'sha256', 'hex')),
  sha512: textFunction((text) => digest(text, 'sha512', 'hex')),
  textdecodebase64: {
    parameters: [parameter('source', stringType), parameter('encoding', stringType)],
    returns: stringType,
    call: ([text, encoding]) => decodeFrom(textOf(text), textOf(encoding)),
  },
  textencodebase64: {
    parameters: [parameter('string', stringType), parameter('encoding', stringType)],
    returns: stringType,
    call: ([text, encoding]) => encodeInto(textOf(text), textOf(encoding)),
  },
  urldecode: {
    parameters: [parameter('str', stringType)],
    returns: stringType,
    call: ([text]) => decodeUrl(textOf(text)),
  },
  urlencode: textFunction(urlEncode),
  yamldecode: {
    parameters: [parameter('src', stringType)],
    returns: dynamicType,
    call: ([text]) => decodeYamlText(textOf(text)),
  },
  yamlencode: {
    parameters: [nullable('value')],
    returns: stringType,
    mayReturnNull: true,
    call: ([value]) => string(encodeYaml(value as Value)),
  },
}
