// Which terminal session of an agent a name means, and the names under which sessions are found again.

import { createHash } from 'node:crypto'
import type { listTerminals } from '../../api/agents/terminals.ts'
import type { AnswerOf } from '../../api/endpoint.ts'
import { isUuid } from '../../lib/uuid.ts'
import { CommandError } from '../output/errors.ts'

export type TerminalSession = AnswerOf<typeof listTerminals>['terminals'][number]

/** Of the session that is meant when none is named. */
export const defaultSessionName = 'main'

// As long as what `coder terminals` shows.
const shortId = /^[0-9a-f]{8}$/i

interface AgentKey {
  readonly workspaceId: string
  readonly agentName: string
}

/** What `sessionIdOf` finds the session by. An id does not tell which name it was made from. */
export const sessionName = ({ id }: TerminalSession, place: AgentKey): string =>
  id === idForName(defaultSessionName, place) ? defaultSessionName : id.slice(0, 8)

const idForName = (name: string, { workspaceId, agentName }: AgentKey): string =>
  uuidFromText(`${workspaceId}/${agentName}/${name}`)

/** The id of a session: one of those that there are, by its id, the beginning of it or its title; else the id that
 *  belongs to the name, from wherever it is asked for.
 *  @throws CommandError where several have that title */
export function resolveSessionId(name: string, place: AgentKey, sessions: readonly TerminalSession[]): string {
  if (isUuid(name)) return name.toLowerCase()
  const id = idForName(name, place)
  if (sessions.some((session) => session.id === id)) return id
  const begun = shortId.test(name) ? sessions.filter((session) => session.id.startsWith(name.toLowerCase())) : []
  const found = begun.length > 0 ? begun : sessions.filter(({ title }) => title === name)
  if (found.length > 1)
    throw new CommandError(`Several terminals are called ${name}.`, {
      detail: found.map((one) => `${one.id}  ${one.cwd}`).join('\n'),
      hint: 'name one by its id.',
    })
  return found[0]?.id ?? id
}

/** A UUID that is the same for the same text (RFC 9562, version 8). */
function uuidFromText(text: string): string {
  const hash = createHash('sha256').update(text).digest()
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
