// Proof that a request comes from the operator of the deployment, while no user exists who could sign in: a process of
// the same operating-system user, the local secret, or the setup code that the start-up prints.

import { hash, randomInt, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { ApiError } from '../../api/errors.ts'
import { localSecretHeader } from '../../api/local.ts'
import type { HttpContext } from './http-context.ts'

// Without characters that look alike.
const codeAlphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Three groups of four characters: 58 bits. */
export function createSetupCode(): string {
  const group = () => Array.from({ length: 4 }, () => codeAlphabet[randomInt(codeAlphabet.length)]).join('')
  return [group(), group(), group()].join('-')
}

/** @throws ApiError 403 without a proof */
export async function requireOperator(
  { config, secret, setupCode }: HttpContext,
  request: IncomingMessage,
  givenCode: string | null | undefined,
): Promise<void> {
  if (config.allowsRemoteSetup) return
  if (isEqual(String(request.headers[localSecretHeader] ?? ''), secret)) return
  if (givenCode && isEqual(givenCode.trim().toUpperCase(), setupCode)) return
  if (!givenCode && !isForwarded(request) && (await isSameUser(request.socket))) return
  throw new ApiError(403, 'Only the operator of this deployment can create the first user.', {
    detail:
      'Enter the setup code that coderd printed when it started, or sign in with `coder login` as the user who runs it. ' +
      'In an isolated network: start coderd with CODER_LOCAL_ALLOW_REMOTE_SETUP=true.',
    validations: [{ field: 'setup_code', detail: givenCode ? 'is incorrect' : 'is required' }],
  })
}

function isEqual(given: string, expected: string): boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer')
  return timingSafeEqual(digest(given), digest(expected))
}

/** Whether a proxy passed the request on: its process is not the client. */
const isForwarded = ({ headers }: IncomingMessage): boolean =>
  ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined)

const socketTables = ['/proc/net/tcp', '/proc/net/tcp6']

/** Whether the other end of a connection is a socket of the user that runs coderd. False where the system cannot tell. */
async function isSameUser(socket: Socket): Promise<boolean> {
  if (process.platform !== 'linux' || !process.getuid) return false
  const { remoteAddress = '', remotePort, localAddress = '', localPort } = socket
  const peer = `${normalizeAddress(remoteAddress)}:${remotePort} ${normalizeAddress(localAddress)}:${localPort}`
  for (const table of socketTables) {
    const lines = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1)
    for (const line of lines) {
      const [, local = '', remote = '', , , , , uid, , inode] = line.trim().split(/\s+/)
      if (`${readEndpoint(local)} ${readEndpoint(remote)}` !== peer) continue
      // A socket that its process has closed has no inode and belongs to root.
      return inode !== '0' && Number(uid) === process.getuid()
    }
  }
  return false
}

/** An address and port as in /proc/net/tcp: hexadecimal, each 32-bit word in the byte order of the machine. */
function readEndpoint(text: string): string {
  const [address = '', port = ''] = text.split(':')
  const words = address.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse())
  return `${normalizeBytes(bytes)}:${Number.parseInt(port, 16)}`
}

function normalizeAddress(ip: string): string {
  const [withoutZone = ''] = ip.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone)?.[1] ?? withoutZone
  return mapped.includes(':') ? new URL(`http://[${mapped}]`).hostname : mapped
}

function normalizeBytes(bytes: readonly number[]): string {
  const isMapped = bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255
  if (bytes.length === 4 || isMapped) return bytes.slice(-4).join('.')
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  return new URL(`http://[${groups.join(':')}]`).hostname
}
