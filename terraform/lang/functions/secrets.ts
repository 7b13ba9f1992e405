// Functions that generate identifiers, hash passwords and decrypt.

import { constants, createHash, createPrivateKey, privateDecrypt, randomUUID } from 'node:crypto'
import { hashSync, truncates } from 'bcryptjs'
import { numToJs } from '../../values/number.ts'
import { numberType, stringType } from '../../values/type.ts'
import { string, unknown, type Value } from '../../values/value.ts'
import { type Failure, type FunctionEnvironment, type FunctionTable, fail, parameter } from '../function.ts'
import { textOf } from './arguments.ts'
import { decodeUtf8 } from './encoding.ts'

// Namespaces of RFC 4122, Appendix C.
const namespaces: Readonly<Record<string, string>> = {
  dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
}

function nameBasedUuid(namespace: string, name: string): Value | Failure {
  const uuid = Object.hasOwn(namespaces, namespace) ? namespaces[namespace] : namespace
  if (!uuid || !/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(uuid)) {
    return fail(`${JSON.stringify(namespace)} is neither a UUID nor one of ${Object.keys(namespaces).join(', ')}.`)
  }
  const digest = createHash('sha1')
    .update(Buffer.from(uuid.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  digest[6] = ((digest[6] as number) & 0x0f) | 0x50
  digest[8] = ((digest[8] as number) & 0x3f) | 0x80
  return string(digest.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'))
}

function decryptRsa(encoded: string, keyText: string): Value | Failure {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) return fail('it is not valid base64.', 0)
  let decrypted: Buffer
  try {
    const key = createPrivateKey(keyText)
    decrypted = privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(encoded, 'base64'))
  } catch (error) {
    return fail(`it cannot be decrypted with this key: ${(error as Error).message}.`, 1)
  }
  const text = decodeUtf8(decrypted)
  return text === undefined ? fail('the decrypted bytes are not valid UTF-8.', 0) : string(text)
}

// Terraform's limit. Each step doubles the time.
const defaultCost = 10

// Steps per round: limits a plan to some dozens of hashes with the default cost.
const stepsPerRound = 20

function bcrypt(text: string, cost: Value | undefined, { spend }: FunctionEnvironment): Value | Failure {
  const rounds = cost?.kind === 'number' ? numToJs(cost.value) : defaultCost
  if (!Number.isInteger(rounds) || rounds < 4 || rounds > 14)
    return fail('the cost must be an integer from 4 to 14.', 1)
  if (truncates(text)) return fail('it is longer than 72 bytes, the limit of bcrypt.', 0)
  if (!spend(2 ** rounds * stepsPerRound)) return fail('the template exceeds the limit of hash computations.')
  return string(hashSync(text, rounds))
}

export const secretFunctions: FunctionTable = {
  bcrypt: {
    isUncacheable: true,
    parameters: [parameter('str', stringType)],
    variadic: parameter('cost', numberType),
    returns: stringType,
    call: ([text, cost], environment) =>
      environment.isPlanning ? unknown(stringType) : bcrypt(textOf(text), cost, environment),
  },
  rsadecrypt: {
    isUncacheable: true,
    parameters: [parameter('ciphertext', stringType), parameter('privatekey', stringType)],
    returns: stringType,
    call: ([text, key]) => decryptRsa(textOf(text), textOf(key)),
  },
  uuid: {
    isUncacheable: true,
    parameters: [],
    returns: stringType,
    call: (_, { isPlanning }) => (isPlanning ? unknown(stringType) : string(randomUUID())),
  },
  uuidv5: {
    parameters: [parameter('namespace', stringType), parameter('name', stringType)],
    returns: stringType,
    call: ([namespace, name]) => nameBasedUuid(textOf(namespace), textOf(name)),
  },
}
