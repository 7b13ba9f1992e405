// Requests per second of coderd, with a thousand and with ten thousand workspaces in the database, compared with
// a plain Node.js server that returns the same bytes.

import { listWorkspaces } from '../api/workspaces/workspaces.ts'
import type { Figure } from './figures.ts'
import type { Fixture } from './fixture.ts'
import { connections, requestRepeatedly, startBareServer } from './http-load.ts'
import { copyWorkspace } from './many-workspaces.ts'

export async function measureAnswers(fixture: Fixture): Promise<Figure[]> {
  const { workspaces } = await fixture.client.call(listWorkspaces, { query: { q: 'owner:me name:bench' } })
  const original = workspaces[0]?.id ?? ''
  const list = '/api/v2/workspaces?limit=25'
  await copyWorkspace(fixture, original, 1, 1_000)
  const few = await load(fixture, list)
  await copyWorkspace(fixture, original, 1_001, 10_000)
  const many = await load(fixture, list)
  const me = await load(fixture, '/api/v2/users/me')
  return [
    ...toFigures('25 of 1,000 workspaces', few, 500, 80),
    ...toFigures('25 of 10,000 workspaces', many, 500, 80),
    ...toFigures('users/me', me, 4_000),
  ]
}

interface Load {
  readonly perSecond: number
  readonly p99: number
  /** The same response from a plain server. */
  readonly bare: { readonly perSecond: number; readonly p99: number }
}

async function load({ deployment, token }: Fixture, path: string): Promise<Load> {
  const url = deployment.url + path
  const answer = await fetch(url, { headers: { 'coder-session-token': token } })
  const body = await answer.text()
  if (!answer.ok) throw new Error(`${path} → ${answer.status} ${body}`)
  const bare = await startBareServer(body)
  try {
    const { perSecond, p99 } = await requestRepeatedly(url, token)
    return { perSecond, p99, bare: await requestRepeatedly(`${bare.url}${path}`, token) }
  } finally {
    bare.stop()
  }
}

function toFigures(what: string, { perSecond, p99, bare }: Load, atLeast: number, p99Limit?: number): Figure[] {
  const bareServer = 'bare HTTP server, same bytes:'
  return [
    {
      name: `${what}, ${connections} connections`,
      value: perSecond,
      limit: atLeast,
      isAtLeast: true,
      unit: '/s',
      basis: `${bareServer} ${bare.perSecond.toFixed(0)}/s`,
    },
    {
      name: `${what}, p99`,
      value: p99,
      unit: 'ms',
      ...(p99Limit === undefined ? {} : { limit: p99Limit }),
      basis: `${bareServer} ${bare.p99.toFixed(1)} ms`,
    },
  ]
}
