// Sessions of dashboard pages. Browsers send a cookie to every port of its host, and another program can listen on our
// port while coderd is stopped. The key in the cookie of a page session is therefore useless by itself: each request also
// proves that it comes from a page that signed in at this port, and since this start of coderd.
//
// proof = HMAC-SHA256(page key, challenge). The page holds its key in a form that its scripts can use but not read, and
// gets a new challenge after each start of coderd.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { BaseContext } from '../base-context.ts'
import type { Db } from '../database/connect.ts'
import { readSharedSecret } from '../database/shared-secrets.ts'
import type { CachedSession } from './session-cache.ts'

type PageContext = Pick<BaseContext, 'db' | 'config' | 'accessUrl' | 'boot'>

/** The port that new page sessions are bound to. */
export function pagePort({ accessUrl }: Pick<BaseContext, 'accessUrl'>): number {
  const { port, protocol } = new URL(accessUrl)
  return Number(port) || (protocol === 'https:' ? 443 : 80)
}

/** The key of a page session, in base64. */
export async function derivePageKey(db: Db, keyId: string): Promise<string> {
  return createHmac('sha256', await readSharedSecret(db, 'page_key_secret'))
    .update(keyId)
    .digest('base64')
}

/** The challenge of this coderd. Replicas on an external database share one, because a load balancer chooses between them. */
export async function readPageChallenge({ db, config, boot }: PageContext): Promise<string> {
  return config.postgresUrl === '' ? boot : await readSharedSecret(db, 'page_challenge')
}

/** Whether a proof is that of a page session at this coderd. */
export async function isPageProof(context: PageContext, session: CachedSession, proof: string): Promise<boolean> {
  if (session.pagePort !== pagePort(context)) return false
  const expected = await expectedProof(context, session)
  const actual = Buffer.from(proof)
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

/** Computed once per cached session, because every request of a page is checked. */
const expectedProofs = new WeakMap<CachedSession, Promise<Buffer>>()

function expectedProof(context: PageContext, session: CachedSession): Promise<Buffer> {
  const known = expectedProofs.get(session)
  if (known) return known
  const computing = computeProof(context, session.principal.keyId)
  expectedProofs.set(session, computing)
  computing.catch(() => expectedProofs.delete(session))
  return computing
}

async function computeProof(context: PageContext, keyId: string): Promise<Buffer> {
  const [key, challenge] = await Promise.all([derivePageKey(context.db, keyId), readPageChallenge(context)])
  return Buffer.from(createHmac('sha256', Buffer.from(key, 'base64')).update(challenge).digest('base64url'))
}
