// Workspace agents for users: status, logs, terminals.

import type { FastifyInstance } from 'fastify'
import type { TerminalSession } from '../../../api/agents/agent-protocol.ts'
import { followAgentLogs, getAgent, getAgentLogs, openPty, type PtyQuery } from '../../../api/agents/agents.ts'
import { closeTerminal, listTerminals } from '../../../api/agents/terminals.ts'
import { ApiError, notFound } from '../../../api/errors.ts'
import { followAgentLogs as follow, readAgentLogs } from '../../agents/agent-logs.ts'
import { callAgent, queryAgent } from '../../agents/agent-requests.ts'
import { requireConnected } from '../../agents/require-connected.ts'
import { logConnected } from '../../audit/connection-log.ts'
import { loadAgent } from '../../builds/load-resources.ts'
import type { ServerContext } from '../../context.ts'
import { assertNotFollowing } from '../../http/method-not-allowed.ts'
import { replySent, serve } from '../../http/serve.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import { requireAgent } from '../../lookup/workspaces.ts'
import { AgentError } from '../../relay/agent-error.ts'
import { plainStart, readPreferences, type SessionStart, sessionStart } from '../../terminals/preferences.ts'

export function registerAgentRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db, connections } = context

  serve(app, getAgent, async (request) => {
    const { agent } = await requireAgent(context, request, request.params.workspaceagent, 'read')
    const loaded = await loadAgent(context, agent.id)
    if (!loaded) throw notFound()
    return loaded
  })

  serve(app, getAgentLogs, async (request) => {
    const { agent } = await requireAgent(context, request, request.params.workspaceagent, 'read')
    assertNotFollowing(request)
    const lines = await readAgentLogs(db, agent.id, request.query)
    if (request.query.format === 'text') {
      const text = lines.map(({ created_at, level, output }) => `${created_at} [${level}] ${output}\n`).join('')
      request.reply.type('text/plain; charset=utf-8').send(text)
      return replySent
    }
    return lines
  })

  serveUpgrade(app, followAgentLogs, async (request) => {
    const { agent } = await requireAgent(context, request, request.params.workspaceagent, 'read')
    await follow(context, agent.id, request.query, await request.upgrade.webSocket())
  })

  serve(app, listTerminals, async (request) => {
    const { agent } = await requireAgent(context, request, request.params.workspaceagent, 'ssh')
    return { terminals: await readTerminals(context, agent.id) }
  })

  serve(app, closeTerminal, async (request) => {
    const { workspaceagent, terminal } = request.params
    const { agent } = await requireAgent(context, request, workspaceagent, 'ssh')
    if (!(await closeTerminalSession(context, agent.id, terminal))) {
      throw new ApiError(404, `The agent has no terminal session ${terminal}. It may have exited already.`)
    }
    return null
  })

  serveUpgrade(app, openPty, async (request) => {
    const { query } = request
    // Clients of protocol 1 always get the user's login shell.
    const [{ agent, workspace }, preferences] = await Promise.all([
      requireAgent(context, request, request.params.workspaceagent, 'ssh'),
      query.protocol === '2' ? readPreferences(db, request.principal.userId) : undefined,
    ])
    const start = preferences ? sessionStart(preferences, query.profile) : plainStart
    if (query.container)
      throw new ApiError(400, 'Terminals in containers are not supported.', {
        detail: `Open a terminal in the workspace and run \`docker exec -it ${query.container} sh\`.`,
      })
    // Coder's clients expect an HTTP response; ours wait on the open socket.
    if (query.protocol !== '2') await requireConnected(context, agent)
    const terminal = await request.upgrade.handOver((socket, forwarded) =>
      connections.admitTerminal(agent.id, ptyQuery(query, start), socket, forwarded),
    )
    const disconnected = logConnected(context, request, { type: 'reconnecting_pty', workspace, agentName: agent.name })
    terminal.once('close', disconnected)
  })
}

async function readTerminals({ connections }: ServerContext, agentId: string): Promise<TerminalSession[]> {
  try {
    const response = await queryAgent<{ terminals: TerminalSession[] }>(connections, agentId, '/terminals')
    return response.terminals
  } catch (error) {
    // A disconnected agent has no list.
    if (error instanceof AgentError && error.reason !== 'rejected') return []
    throw error
  }
}

/** @returns false if there is no such session. @throws ApiError 409 if the agent cannot be reached */
async function closeTerminalSession({ connections }: ServerContext, agentId: string, id: string): Promise<boolean> {
  try {
    const { closed } = await callAgent<{ closed: boolean }>(connections, agentId, '/terminals/close', { id })
    return closed
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    throw new ApiError(409, 'Could not close the terminal.', {
      detail:
        error.reason === 'rejected'
          ? `${error.message} Agents of older versions cannot close terminals; enter \`exit\` in the terminal instead.`
          : `${error.message} Its terminals reappear when it reconnects; stopping the workspace ends them.`,
    })
  }
}

// Default of Coder's clients.
const defaultSize = 80

/** Builds the query of the agent's `/pty`. */
function ptyQuery(
  { reconnect, height, width, command, protocol, read_only, folder, ended, images, resume }: PtyQuery,
  start: SessionStart,
): Record<string, string> {
  return {
    id: reconnect,
    rows: String(height || defaultSize),
    cols: String(width || defaultSize),
    command: command ?? '',
    protocol: protocol ?? '1',
    read_only: read_only ?? '',
    shell: start.shell,
    env: JSON.stringify(start.env),
    folder: protocol === '2' ? (folder ?? '') : '',
    integration: String(start.integration),
    ended: ended ?? '',
    images: images ?? '',
    resume: resume ?? '',
  }
}
