// The session cookie of browsers.

import type { FastifyReply } from 'fastify'
import type { Config } from '../config.ts'
import { sessionCookie } from './auth.ts'

export function setSessionCookie(reply: FastifyReply, config: Config, key: string): void {
  const secure = config.secureAuthCookie ? '; Secure' : ''
  reply.header(
    'set-cookie',
    // No Max-Age: use of the key extends it on the server, while the cookie would still expire.
    `${sessionCookie}=${key}; Path=/; HttpOnly; SameSite=Lax${secure}`,
  )
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.header('set-cookie', `${sessionCookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`)
}
