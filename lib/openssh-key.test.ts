// The formats of the keys, verified by OpenSSH if it is installed, and always by Node's crypto module.

import { execFileSync } from 'node:child_process'
import { createPublicKey, sign, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { generateSshKeyPair, sshKeyPairFromSeed } from './openssh-key.ts'
import { requires } from './testing/requirements.ts'

/** Splits off one string of the SSH protocol. @returns its bytes and the rest */
function take(bytes: Buffer): [Buffer, Buffer] {
  const length = bytes.readUInt32BE()
  return [bytes.subarray(4, 4 + length), bytes.subarray(4 + length)]
}

test('the public key is one Ed25519 line, and each pair is different', () => {
  const { publicKey } = generateSshKeyPair()
  expect(publicKey).toMatch(/^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-Za-z0-9+/]+=*\n$/)
  expect(generateSshKeyPair().publicKey).not.toBe(publicKey)
})

test('the private key contains the seed of the public key', () => {
  const { publicKey, privateKey } = generateSshKeyPair()
  const body = Buffer.from(privateKey.replace(/-----[^-]+-----/g, ''), 'base64')
  expect(body.subarray(0, 15).toString()).toBe('openssh-key-v1\0')
  let rest: Buffer = body.subarray(15)
  for (let skipped = 0; skipped < 3; skipped++) [, rest] = take(rest)
  const [publicBlob, afterPublic] = take(rest.subarray(4))
  expect(publicBlob.toString('base64')).toBe(publicKey.split(' ')[1]?.trim())
  const [secret] = take(afterPublic)
  expect(secret.length % 8).toBe(0)
  let fields: Buffer = secret.subarray(8)
  ;[, fields] = take(fields)
  const [point, afterPoint] = take(fields)
  const [seedAndPoint] = take(afterPoint)
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') }
  const d = seedAndPoint.subarray(0, 32).toString('base64url')
  const signature = sign(null, Buffer.from('signed'), { key: { ...jwk, d }, format: 'jwk' } as never)
  expect(verify(null, Buffer.from('signed'), createPublicKey({ key: jwk, format: 'jwk' }), signature)).toBe(true)
})

test('OpenSSH reads the private key and derives the public one', requires('ssh-keygen'), () => {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-ssh-'))
  const { publicKey, privateKey } = generateSshKeyPair()
  writeFileSync(join(folder, 'key'), privateKey, { mode: 0o600 })
  const derived = execFileSync('ssh-keygen', ['-y', '-f', join(folder, 'key')]).toString()
  rmSync(folder, { recursive: true })
  expect(derived.trim()).toBe(publicKey.trim())
})

test('a seed always gives the same key pair', () => {
  const seed = Buffer.alloc(32, 7)
  const { publicKey } = sshKeyPairFromSeed(seed)
  expect(sshKeyPairFromSeed(seed).publicKey).toBe(publicKey)
  expect(sshKeyPairFromSeed(Buffer.alloc(32, 8)).publicKey).not.toBe(publicKey)
})
