// Password hashing with scrypt in PHC format, which records the parameters, so that they can change later.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { ApiError, validationFailed } from '../../api/errors.ts'
import type { Config } from '../config.ts'

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt)

// N = 2^15, r = 8: 32 MiB and about 80 ms per hash.
const parameters = { ln: 15, r: 8, p: 1 }
const hashBytes = 32
const maxLength = 64
const minLength = 8

/** @throws ApiError 403 if password authentication is disabled */
export function requirePasswordAuth({ disablePasswordAuth }: Config): void {
  if (disablePasswordAuth) throw new ApiError(403, 'Password authentication is disabled.')
}

/** @throws ApiError 400 with the weakness */
export function assertStrongPassword(password: string): void {
  const reason = findWeakness(password)
  if (reason) throw validationFailed([{ field: 'password', detail: reason }])
}

/** Returns the end of the sentence "The password …", or null for a strong password. */
export function findWeakness(password: string): string | null {
  if (password.length < minLength) return `must have at least ${minLength} characters`
  if (password.length > maxLength) return `must have at most ${maxLength} characters`
  if (new Set(password).size < 4) return 'must have at least 4 different characters'
  return null
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password.normalize('NFC'), salt, hashBytes, options(parameters))
  const { ln, r, p } = parameters
  return `$scrypt$ln=${ln},r=${r},p=${p}$${plainBase64(salt)}$${plainBase64(hash)}`
}

const form = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Hashes also if no password is stored, so that timing does not reveal which users exist. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const match = form.exec(stored ?? '')
  if (!match) {
    await derive(password.normalize('NFC'), Buffer.alloc(16), hashBytes, options(parameters))
    return false
  }
  const [, ln, r, p, salt, hash] = match
  const expected = Buffer.from(hash ?? '', 'base64')
  const actual = await derive(
    password.normalize('NFC'),
    Buffer.from(salt ?? '', 'base64'),
    expected.length,
    options({ ln: Number(ln), r: Number(r), p: Number(p) }),
  )
  return timingSafeEqual(expected, actual)
}

function options({ ln, r, p }: { ln: number; r: number; p: number }) {
  const N = 2 ** ln
  return { N, r, p, maxmem: 256 * N * r }
}

const plainBase64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
