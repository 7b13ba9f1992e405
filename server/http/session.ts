// The session cookie of a browser.

import type { FastifyReply } from 'fastify'
import type { Config } from '../config.ts'
import { sessionCookie } from './auth.ts'

export function setSession(reply: FastifyReply, config: Config, key: string): void {
  const secure = config.secureAuthCookie ? '; Secure' : ''
  reply.header(
    'set-cookie',
    // Without an end of its own: the key slides on with its use, and a cookie would not.
    `${sessionCookie}=${key}; Path=/; HttpOnly; SameSite=Lax${secure}`,
  )
}

export function clearSession(reply: FastifyReply): void {
  reply.header('set-cookie', `${sessionCookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`)
}
