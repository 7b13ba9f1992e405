// `coder terminals`: lists and closes terminal sessions, searches their command history, and replays recordings.

import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkspaceAgent } from '../../../api/agents/agents.ts'
import { closeTerminal, listTerminals, type StoredCommand, searchCommands } from '../../../api/agents/terminals.ts'
import { listWorkspaces, type Workspace } from '../../../api/workspaces/workspaces.ts'
import { type Cast, readCast } from '../../../lib/asciicast.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireAgent } from '../../lookup/find-agent.ts'
import { requireWorkspace } from '../../lookup/find-workspace.ts'
import { CommandError } from '../../output/errors.ts'
import { formatDistance, formatDuration, formatTime } from '../../output/formats.ts'
import { note, print } from '../../output/print.ts'
import { type ColumnValues, type ListOptions, printList } from '../../output/tables.ts'
import { resolveSessionId, type TerminalSession } from '../../terminals/session-names.ts'

interface Row extends TerminalSession {
  readonly workspace_name: string
  readonly workspace_id: string
  readonly agent_name: string
  readonly agent_id: string
}

const columns: ColumnValues<Row, 'terminals'> = {
  workspace: (row) => row.workspace_name,
  agent: (row) => row.agent_name,
  id: ({ id }) => id.slice(0, 8),
  title: ({ title }) => title,
  command: ({ last_command, command }) => last_command || command,
  state: ({ state, is_busy }) => (state === 'live' && is_busy ? 'busy' : state),
  folder: ({ cwd }) => cwd,
  clients: ({ clients }) => String(clients),
  started: ({ created_at }) => formatDistance(created_at),
  'created at': ({ created_at }) => formatTime(created_at),
  size: ({ cols, rows }) => `${cols}x${rows}`,
  pid: ({ pid }) => String(pid),
  session: ({ id }) => id,
}

export async function list(
  [name]: readonly string[],
  options: GlobalOptions & ListOptions<'terminals'>,
): Promise<void> {
  const connection = await connect(options)
  const agents = await findAgents(connection, name)
  const rows = (await Promise.all(agents.map((agent) => listSessions(connection, agent)))).flat()
  printList(columns, rows, options, { whenEmpty: explainEmptyList(name, agents) })
}

function explainEmptyList(name: string | undefined, agents: readonly AgentOfWorkspace[]): string {
  if (name && agents.every(({ workspace }) => workspace.latest_build.status !== 'running'))
    return `Workspace ${name} is not running. Start it to see its terminals: \`coder start ${name}\`.`
  if (name && agents.every(({ agent }) => agent.status !== 'connected'))
    return `The agent of ${name} is not connected, so its terminals are unknown. \`coder show ${name}\` shows its status.`
  return `No open terminals. \`coder terminal ${name ?? '<workspace>'}\` opens one.`
}

interface AgentOfWorkspace {
  readonly workspace: Workspace
  readonly agent: WorkspaceAgent
}

/** The agents of the named workspace, or of all workspaces of the user. */
async function findAgents(connection: Connection, name: string | undefined): Promise<AgentOfWorkspace[]> {
  if (name?.includes('.')) return [await requireAgent(connection, name)]
  const workspaces = name
    ? [await requireWorkspace(connection, name)]
    : (await connection.client.call(listWorkspaces, { query: { q: 'owner:me' } })).workspaces
  return workspaces.flatMap((workspace) =>
    workspace.latest_build.resources.flatMap(({ agents = [] }) => agents.map((agent) => ({ workspace, agent }))),
  )
}

async function listSessions({ client }: Connection, { workspace, agent }: AgentOfWorkspace): Promise<Row[]> {
  const { terminals } = await client.call(listTerminals, { params: { workspaceagent: agent.id } })
  const names = {
    workspace_name: workspace.name,
    workspace_id: workspace.id,
    agent_name: agent.name,
    agent_id: agent.id,
  }
  return terminals.map((terminal) => ({ ...terminal, ...names }))
}

export async function close([name = '', sessionName = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const { workspace, agent } = await requireAgent(connection, name)
  const params = { workspaceagent: agent.id }
  const { terminals } = await connection.client.call(listTerminals, { params })
  const id = resolveSessionId(sessionName, { workspaceId: workspace.id, agentName: agent.name }, terminals)
  // A disconnected agent lists no sessions; the close request below fails with the reason.
  if (agent.status === 'connected' && !terminals.some((terminal) => terminal.id === id))
    throw new CommandError(`Workspace ${name} has no terminal ${sessionName}.`, {
      hint: `\`coder terminals ${name}\` lists its terminals.`,
    })
  await connection.client.call(closeTerminal, { params: { ...params, terminal: id } })
  print(`Terminal ${sessionName} of ${name} was closed.`)
}

const commandColumns: ColumnValues<StoredCommand, 'terminalHistory'> = {
  started: ({ started_at }) => formatDistance(started_at),
  workspace: ({ workspace_name }) => workspace_name,
  exit: ({ exit_code }) => (exit_code === null ? '' : String(exit_code)),
  took: ({ duration_ms }) => formatDuration(duration_ms),
  folder: ({ cwd }) => cwd,
  command: ({ command }) => command,
  'started at': ({ started_at }) => started_at,
  agent: ({ agent_name }) => agent_name,
  id: ({ id }) => id,
}

interface HistoryOptions extends GlobalOptions, ListOptions<'terminalHistory'> {
  readonly workspace?: string
  readonly limit: number
}

export async function history(words: readonly string[], options: HistoryOptions): Promise<void> {
  const connection = await connect(options)
  const workspace = options.workspace && (await requireWorkspace(connection, options.workspace)).id
  const query = { q: words.join(' '), limit: options.limit, ...(workspace && { workspace }) }
  const { commands } = await connection.client.call(searchCommands, { query })
  printList(commandColumns, commands, options, { whenEmpty: 'No matching commands in the history of your terminals.' })
}

interface ReplayOptions {
  readonly speed: number
  readonly idleLimit?: number
}

export async function replay([path = '']: readonly string[], { speed, idleLimit }: ReplayOptions): Promise<void> {
  const { stdout } = process
  const cast = await readRecording(path)
  if (stdout.isTTY && (stdout.columns < cast.cols || stdout.rows < cast.rows))
    note(`The recording needs ${cast.cols} × ${cast.rows} cells; this terminal has ${stdout.columns} × ${stdout.rows}.`)
  const limitMs = idleLimit === undefined ? Number.POSITIVE_INFINITY : idleLimit * 1000
  let atMs = 0
  for (const event of cast.events) {
    // Output to a file or pipe is not delayed.
    if (stdout.isTTY) await sleep(Math.min(event.atMs - atMs, limitMs) / speed)
    atMs = event.atMs
    if (event.kind === 'o' && !stdout.write(event.text)) await new Promise((resolve) => stdout.once('drain', resolve))
  }
  if (stdout.isTTY) stdout.write('\x1b[?1047l\x1b[?25h\x1b[0m\r\n')
}

async function readRecording(path: string): Promise<Cast> {
  try {
    return readCast(await readFile(path, 'utf8'))
  } catch (error) {
    throw new CommandError(`Could not play ${path}.`, { detail: (error as Error).message })
  }
}
