// The session of a browser: its cookie, and the key of a dashboard page.

import type { IncomingHttpHeaders } from 'node:http'
import { stringifySetCookie } from 'cookie'
import type { FastifyReply } from 'fastify'
import { pageHeader, pageKeyHeader } from '../../api/local.ts'
import type { Config } from '../config.ts'
import { parseKey } from '../users/api-keys.ts'
import { derivePageKey } from '../users/page-sessions.ts'
import { sessionCookie } from './auth.ts'
import type { HttpContext } from './http-context.ts'

const attributes = { name: sessionCookie, path: '/', httpOnly: true, sameSite: 'lax' } as const

/** Whether the request comes from a page of the dashboard that proves its requests (users/page-sessions.ts). */
export const isDashboardPage = (headers: IncomingHttpHeaders): boolean => headers[pageHeader] === 'true'

/** Sends the cookie with the key, and a page its page key. */
export async function sendSession(
  { db, config }: Pick<HttpContext, 'db' | 'config'>,
  { reply, headers }: { readonly reply: FastifyReply; readonly headers: IncomingHttpHeaders },
  key: string,
): Promise<void> {
  setSessionCookie(reply, config, key)
  const id = parseKey(key)?.id
  if (id && isDashboardPage(headers)) reply.header(pageKeyHeader, await derivePageKey(db, id))
}

function setSessionCookie(reply: FastifyReply, config: Config, key: string): void {
  // No Max-Age: use of the key extends it on the server, while the cookie would still expire.
  reply.header('set-cookie', stringifySetCookie({ ...attributes, value: key, secure: config.secureAuthCookie }))
}

export function clearSessionCookie(reply: FastifyReply): void {
  reply.header('set-cookie', stringifySetCookie({ ...attributes, value: '', maxAge: 0 }))
}
