// Resolves names of an agent's terminal sessions to ids. A name always maps to the same id.

import { createHash } from 'node:crypto'
import type { listTerminals } from '../../api/agents/terminals.ts'
import type { ResponseOf } from '../../api/endpoint.ts'
import { isUuid } from '../../lib/uuid.ts'
import { CommandError } from '../output/errors.ts'

export type TerminalSession = ResponseOf<typeof listTerminals>['terminals'][number]

/** The session name when none is given. */
export const defaultSessionName = 'main'

// The length that `coder terminals` prints.
const shortId = /^[0-9a-f]{8}$/i

interface AgentKey {
  readonly workspaceId: string
  readonly agentName: string
}

/** A name that `resolveSessionId` accepts. The name an id was derived from cannot be recovered, except for the default. */
export const sessionName = ({ id }: TerminalSession, agentKey: AgentKey): string =>
  id === idForName(defaultSessionName, agentKey) ? defaultSessionName : id.slice(0, 8)

const idForName = (name: string, { workspaceId, agentName }: AgentKey): string =>
  uuidFromText(`${workspaceId}/${agentName}/${name}`)

/** The id of an existing session with this id, short id or title; else the id derived from the name.
 *  @throws CommandError when several sessions have this title */
export function resolveSessionId(name: string, agentKey: AgentKey, sessions: readonly TerminalSession[]): string {
  if (isUuid(name)) return name.toLowerCase()
  const id = idForName(name, agentKey)
  if (sessions.some((session) => session.id === id)) return id
  const byId = shortId.test(name) ? sessions.filter((session) => session.id.startsWith(name.toLowerCase())) : []
  const found = byId.length > 0 ? byId : sessions.filter(({ title }) => title === name)
  if (found.length > 1)
    throw new CommandError(`Several terminals are named ${name}.`, {
      detail: found.map(({ id, cwd }) => `${id}  ${cwd}`).join('\n'),
      hint: 'use the ID of one of them.',
    })
  return found[0]?.id ?? id
}

/** A deterministic UUID (RFC 9562, version 8). */
function uuidFromText(text: string): string {
  const hash = createHash('sha256').update(text).digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
