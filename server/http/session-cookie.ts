// The session cookie of browsers.

import { stringifySetCookie } from 'cookie'
import type { FastifyReply } from 'fastify'
import type { Config } from '../config.ts'
import { sessionCookie } from './auth.ts'

const attributes = { name: sessionCookie, path: '/', httpOnly: true, sameSite: 'lax' } as const

export function setSessionCookie(reply: FastifyReply, config: Config, key: string): void {
  // No Max-Age: use of the key extends it on the server, while the cookie would still expire.
  reply.header('set-cookie', stringifySetCookie({ ...attributes, value: key, secure: config.secureAuthCookie }))
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.header('set-cookie', stringifySetCookie({ ...attributes, value: '', maxAge: 0 }))
}
