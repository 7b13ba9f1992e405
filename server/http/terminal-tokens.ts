// Tokens that open terminals of one agent for a minute, in the place of the key of whoever asked for them. Any coderd on
// the same database reads what another has signed.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { signedTokenQuery } from '../../api/agents/signed-tokens.ts'
import type { Db } from '../database/connect.ts'

// Coder's figure: a page opens the terminal at once.
const lifetimeMs = 60_000

interface TerminalToken {
  /** Of the key that stands behind it, and goes on to count. */
  readonly keyId: string
  readonly agentId: string
}

export async function signTerminalToken(db: Db, { keyId, agentId }: TerminalToken): Promise<string> {
  const text = Buffer.from(JSON.stringify([keyId, agentId, Date.now() + lifetimeMs])).toString('base64url')
  return `${text}.${await signatureOf(db, text)}`
}

/** Null for what was not signed here, is for another agent, or too old. @returns the id of the key behind it */
export async function readTerminalToken(db: Db, token: string, agentId: string): Promise<string | null> {
  const [text = '', signature = ''] = token.split('.')
  const [given, ours] = [Buffer.from(signature), Buffer.from(await signatureOf(db, text))]
  if (given.length !== ours.length || !timingSafeEqual(given, ours)) return null
  const [keyId, forAgent, until] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, string, number]
  return forAgent === agentId.toLowerCase() && until > Date.now() ? keyId : null
}

const terminalPath = /^\/api\/v2\/workspaceagents\/([0-9a-f-]{36})\/pty$/i

/** The token in a terminal's address, with the agent whose address it is; null for any other request. */
export function findTerminalToken(request: IncomingMessage): { token: string; agentId: string } | null {
  if (request.headers.upgrade === undefined || !request.url?.includes(signedTokenQuery)) return null
  const url = new URL(request.url, 'http://localhost')
  const [, agentId] = terminalPath.exec(url.pathname) ?? []
  const token = url.searchParams.get(signedTokenQuery)
  return agentId && token ? { token, agentId } : null
}

async function signatureOf(db: Db, text: string): Promise<string> {
  return createHmac('sha256', await signingKey(db))
    .update(text)
    .digest('base64url')
}

const keys = new WeakMap<Db, Promise<string>>()

/** One for all coderds on the database, made when it is first needed. */
function signingKey(db: Db): Promise<string> {
  const known = keys.get(db)
  if (known) return known
  const reading = readKey(db)
  keys.set(db, reading)
  reading.catch(() => keys.delete(db))
  return reading
}

async function readKey(db: Db): Promise<string> {
  const key = 'terminal_signing_key'
  const value = JSON.stringify(randomBytes(32).toString('base64'))
  await db
    .insertInto('site_configs')
    .values({ key, value })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await db.selectFrom('site_configs').select('value').where('key', '=', key).executeTakeFirstOrThrow()).value
}
