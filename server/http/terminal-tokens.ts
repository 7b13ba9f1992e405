// Signed tokens that authenticate terminals of one agent for a minute, in place of an API key. All coderd processes on
// a database share the signing key.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { signedTokenQuery } from '../../api/agents/signed-tokens.ts'
import type { Db } from '../database/connect.ts'
import { readSharedSecret } from '../database/shared-secrets.ts'

// Coder's lifetime; a page opens the terminal immediately.
const lifetimeMs = 60_000

interface TerminalToken {
  /** The API key that the token was issued for; it must still be valid. */
  readonly keyId: string
  readonly agentId: string
}

export async function signTerminalToken(db: Db, { keyId, agentId }: TerminalToken): Promise<string> {
  const text = Buffer.from(JSON.stringify([keyId, agentId, Date.now() + lifetimeMs])).toString('base64url')
  return `${text}.${await sign(db, text)}`
}

/** @returns the ID of the API key; null if the signature is invalid, the token expired or belongs to another agent */
export async function readTerminalToken(db: Db, token: string, agentId: string): Promise<string | null> {
  const [text = '', signature = ''] = token.split('.')
  const [actual, expected] = [Buffer.from(signature), Buffer.from(await sign(db, text))]
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return null
  const [keyId, forAgent, until] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string, number]
  return forAgent === agentId.toLowerCase() && until > Date.now() ? keyId : null
}

const terminalPath = /^\/api\/v2\/workspaceagents\/([0-9a-f-]{36})\/pty$/i

/** The token and the agent in a terminal's URL; null for any other request. */
export function findTerminalToken(request: IncomingMessage): { token: string; agentId: string } | null {
  if (request.headers.upgrade === undefined || !request.url?.includes(signedTokenQuery)) return null
  const url = new URL(request.url, 'http://localhost')
  const [, agentId] = terminalPath.exec(url.pathname) ?? []
  const token = url.searchParams.get(signedTokenQuery)
  return agentId && token ? { token, agentId } : null
}

async function sign(db: Db, text: string): Promise<string> {
  return createHmac('sha256', await readSharedSecret(db, 'terminal_signing_key'))
    .update(text)
    .digest('base64url')
}
