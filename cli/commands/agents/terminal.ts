// `coder terminal`: attaches this terminal to a terminal session of a workspace. The session outlives the command and is
// shared with the dashboard.

import { randomUUID } from 'node:crypto'
import type { TerminalPosition } from '../../../api/agents/agent-protocol.ts'
import { getTerminalPreferences, listTerminals } from '../../../api/agents/terminals.ts'
import { ApiError } from '../../../api/errors.ts'
import { shellQuoted } from '../../../lib/shell-quoted.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireAgent } from '../../lookup/find-agent.ts'
import { CommandError } from '../../output/errors.ts'
import { note } from '../../output/print.ts'
import { LocalTerminal, type LocalTerminalOptions } from '../../terminals/local-terminal.ts'
import { attachPty, type PtyExit, TerminalLost } from '../../terminals/pty-attachment.ts'
import { defaultSessionName, resolveSessionId } from '../../terminals/session-names.ts'

interface Options extends GlobalOptions, LocalTerminalOptions {
  readonly new?: boolean
  readonly profile?: string
}

const retryMs = { first: 200, last: 5_000 }
/** Shorter interruptions are not reported. */
const silentMs = 1_500

export async function openTerminal([name = '', sessionName]: readonly string[], options: Options): Promise<void> {
  const connection = await connect(options)
  const { agent, workspace } = await requireAgent(connection, name)
  const agentKey = { workspaceId: workspace.id, agentName: agent.name }
  const sessions = options.new ? [] : await listSessions(connection, agent.id)
  const id = options.new ? randomUUID() : resolveSessionId(sessionName ?? defaultSessionName, agentKey, sessions)
  const profile = options.profile === undefined ? undefined : await profileId(connection, options.profile)
  const terminal = new LocalTerminal(options, `${name} ${sessionName ?? defaultSessionName}`)
  const command = `coder terminal ${name} ${options.new ? id : quoteArgument(sessionName)}`.trimEnd()
  try {
    const exit = await attachUntilExit(connection, terminal, { name, agentId: agent.id, id, profile })
    await terminal.close()
    if (exit) process.exitCode = exit.code || (exit.signal && 128 + exit.signal)
    if (exit?.signal) note(`The session was terminated by signal ${exit.signal}.`)
    if (!exit) note(`Detached. \`${command}\` attaches again.`)
  } catch (error) {
    await terminal.close()
    throw error
  }
}

/** As typed at a shell prompt. */
const quoteArgument = (name = ''): string => (/^[\w.@:/-]*$/.test(name) ? name : shellQuoted(name))

const listSessions = async ({ client }: Connection, agentId: string) =>
  (await client.call(listTerminals, { params: { workspaceagent: agentId } })).terminals

async function profileId({ client }: Connection, name: string): Promise<string> {
  const { profiles } = await client.call(getTerminalPreferences, { params: { user: 'me' } })
  const found = profiles.find((profile) => profile.id === name || profile.name === name)
  if (found || name === '') return found?.id ?? ''
  throw new CommandError(`Terminal profile ${name} not found.`, {
    detail: `Your profiles: ${profiles.map((profile) => profile.name).join(', ') || 'none'}`,
  })
}

interface Session {
  /** Workspace and agent, as typed. */
  readonly name: string
  readonly agentId: string
  readonly id: string
  readonly profile: string | undefined
}

/** Attaches, and reconnects after a lost connection. @returns null when the user detached */
async function attachUntilExit(
  connection: Connection,
  terminal: LocalTerminal,
  session: Session,
): Promise<PtyExit | null> {
  let { agentId } = session
  let resume: TerminalPosition | undefined
  let hasAttached = false as boolean
  let lostAt: number | undefined
  let delayMs = retryMs.first
  for (;;) {
    const pty = attachPty(connection, {
      agentId,
      id: session.id,
      command: '',
      profile: session.profile,
      readOnly: terminal.isReadOnly,
      resume: terminal.needsRedraw ? undefined : resume,
      ...terminal.size,
      onAttached: ({ created, restored_from: restoredFrom }) => {
        // Input for a session that no longer exists must not reach its replacement.
        terminal.onReconnected(created && hasAttached)
        terminal.restoredFrom = restoredFrom
        hasAttached = true
        lostAt = undefined
        delayMs = retryMs.first
      },
      onOutput: (bytes) => terminal.output(bytes),
      onScreen: (bytes) => terminal.screen(bytes),
      onHistory: (lines, screen) => terminal.history(lines, screen),
    })
    terminal.connectTo(pty)
    try {
      return await pty.ended
    } catch (error) {
      if (!(error instanceof TerminalLost) || !hasAttached) throw error
      resume = pty.position ?? resume
    }
    terminal.onConnectionLost()
    lostAt ??= Date.now()
    if (await terminal.waitBeforeRetry(delayMs)) return null
    if (Date.now() - lostAt > silentMs) terminal.showReconnecting()
    delayMs = Math.min(delayMs * 2, retryMs.last)
    agentId = await currentAgent(connection, session.name, agentId)
  }
}

/** The agent of the latest build, which has new agent ids; the known one while the deployment is unreachable.
 *  @throws CommandError when the workspace is no longer running */
async function currentAgent(connection: Connection, name: string, known: string): Promise<string> {
  try {
    return (await requireAgent(connection, name)).agent.id
  } catch (error) {
    if (error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429)) return known
    throw error
  }
}
