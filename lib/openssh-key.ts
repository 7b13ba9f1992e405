// Ed25519 key pairs in OpenSSH's formats.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'

export interface SshKeyPair {
  /** `authorized_keys` line without comment. */
  readonly publicKey: string
  /** Content of `id_ed25519`. */
  readonly privateKey: string
}

const keyType = 'ssh-ed25519'
const magic = Buffer.from('openssh-key-v1\0')

export const generateSshKeyPair = (): SshKeyPair => formatKeyPair(generateKeyPairSync('ed25519').privateKey)

// The constant part of a PKCS #8 structure with an Ed25519 key; the seed follows.
const pkcs8Header = Buffer.from('302e020100300506032b657004220420', 'hex')

/** @param seed 32 bytes; the same seed gives the same key pair */
export function sshKeyPairFromSeed(seed: Buffer): SshKeyPair {
  const der = Buffer.concat([pkcs8Header, seed])
  return formatKeyPair(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
}

function formatKeyPair(privateKey: KeyObject): SshKeyPair {
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  const { d = '' } = privateKey.export({ format: 'jwk' })
  const point = Buffer.from(x, 'base64url')
  const seed = Buffer.from(d, 'base64url')
  const publicBlob = Buffer.concat([text(keyType), text(point)])
  return {
    publicKey: `${keyType} ${publicBlob.toString('base64')}\n`,
    privateKey: toPem(Buffer.concat([magic, envelope(publicBlob, privateSection(point, seed))])),
  }
}

/** Unencrypted container: no cipher, no KDF, one key. */
function envelope(publicBlob: Buffer, secret: Buffer): Buffer {
  return Buffer.concat([text('none'), text('none'), text(''), number(1), text(publicBlob), text(secret)])
}

function privateSection(point: Buffer, seed: Buffer): Buffer {
  // Two equal numbers, which readers compare after decryption.
  const check = randomBytes(4)
  const comment = text('')
  const body = Buffer.concat([check, check, text(keyType), text(point), text(Buffer.concat([seed, point])), comment])
  // Padded with 1, 2, 3 … to the block size, which is 8 without a cipher.
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, at) => at + 1))
  return Buffer.concat([body, padding])
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** Encodes an SSH string: length and bytes. */
function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([number(bytes.length), bytes])
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,70}/g) ?? []
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
}
