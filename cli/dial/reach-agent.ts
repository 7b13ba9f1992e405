// Makes the agent that a command connects to reachable: starts a stopped workspace, waits until the agent is connected,
// and shows the start-up log until the start scripts that block logins have finished.

import { followAgentLogs, type WorkspaceAgent, type WorkspaceAgentLog } from '../../api/agents/agents.ts'
import type { ServerSentEvent } from '../../api/common.ts'
import { type CreateWorkspaceBuildRequest, createBuild, type WorkspaceBuild } from '../../api/workspaces/builds.ts'
import { getWorkspace, type Workspace, watchWorkspaceSocket } from '../../api/workspaces/workspaces.ts'
import { followBuild } from '../builds/follow-build.ts'
import type { Connection } from '../connection/connect.ts'
import { readStream } from '../connection/read-stream.ts'
import { requireAgent } from '../lookup/find-agent.ts'
import { requireWorkspace } from '../lookup/find-workspace.ts'
import { CommandError } from '../output/errors.ts'
import { note } from '../output/print.ts'
import { confirm, isInteractive } from '../prompts/prompts.ts'

export type WaitMode = 'yes' | 'no' | 'auto'

export interface ReachOptions {
  readonly disableAutostart?: boolean | undefined
  /** For the log of builds. */
  readonly reason?: NonNullable<CreateWorkspaceBuildRequest['reason']>
  /** Whether a user can answer a prompt: false if stdin carries data. */
  readonly asks?: boolean
  /** `auto`: waits for the start scripts with `start_blocks_login`. */
  readonly wait?: WaitMode
}

export interface ReachableAgent {
  readonly workspace: Workspace
  readonly agent: WorkspaceAgent
}

/** @param name `[owner/]workspace[.agent]` @throws CommandError */
export async function reachAgent(
  connection: Connection,
  name: string,
  { disableAutostart = false, reason = 'ssh_connection', asks = true, wait = 'auto' }: ReachOptions = {},
): Promise<ReachableAgent> {
  const workspace = await requireWorkspace(connection, name.replace(/\..*$/, ''))
  await ensureRunning(connection, workspace, { disableAutostart, reason, asks })
  const found = await requireAgent(connection, name)
  const connected = isConnected(found.agent) ? found : await waitUntilConnected(connection, found)
  return needsToWait(connected.agent, wait) ? waitForScripts(connection, connected) : connected
}

async function ensureRunning(
  connection: Connection,
  { id, name, latest_build: build, dormant_at, automatic_updates, template_active_version_id }: Workspace,
  { disableAutostart, reason, asks }: Required<Omit<ReachOptions, 'wait'>>,
): Promise<void> {
  if (build.status === 'running') return
  if (build.status === 'starting' || (build.status === 'pending' && build.transition === 'start'))
    return followBuild(connection, build)
  if (build.transition === 'delete') throw new CommandError(`Workspace ${name} has been deleted.`)
  const hint = `start it with \`coder start ${name}\`.`
  if (disableAutostart) throw new CommandError(`Workspace ${name} is ${build.status}.`, { hint })
  if (dormant_at) throw new CommandError(`Workspace ${name} is dormant.`, { hint })
  if (build.status === 'stopping' || build.status === 'pending' || build.status === 'canceling')
    await followBuild(connection, build)
  if (asks && isInteractive())
    await confirm(`Workspace ${name} is ${build.status}. Start it?`, { skip: false, defaultsToYes: true })
  const version = automatic_updates === 'always' ? { template_version_id: template_active_version_id } : {}
  const body = { transition: 'start' as const, reason, ...version }
  await followBuild(connection, await connection.client.call(createBuild, { params: { workspace: id }, body }))
}

const isConnected = ({ status }: WorkspaceAgent) => status === 'connected'

/** States in which no start script is running. */
const startedStates: ReadonlySet<string> = new Set([
  'ready',
  'start_error',
  'start_timeout',
  'shutting_down',
  'shutdown_error',
  'shutdown_timeout',
  'off',
])

function needsToWait({ lifecycle_state, scripts }: WorkspaceAgent, wait: WaitMode): boolean {
  if (wait === 'no' || startedStates.has(lifecycle_state)) return false
  return wait === 'yes' || scripts.some((script) => script.run_on_start && script.start_blocks_login)
}

async function waitUntilConnected(connection: Connection, found: ReachableAgent): Promise<ReachableAgent> {
  const { agent } = found
  note(`Waiting for the agent ${agent.name} to connect …`)
  let isSlow = false
  return watchAgent(connection, found, ({ status }) => {
    if (status === 'timeout' && !isSlow) {
      isSlow = true
      const help = agent.troubleshooting_url ? ` See ${agent.troubleshooting_url}.` : ''
      note(`The agent has not connected within ${agent.connection_timeout_seconds} s.${help} Still waiting …`)
    }
    return status === 'connected'
  })
}

async function waitForScripts(connection: Connection, found: ReachableAgent): Promise<ReachableAgent> {
  note('Waiting for the start scripts of the workspace …')
  const ended = new AbortController()
  const url = connection.client.url(followAgentLogs, {
    params: { workspaceagent: found.agent.id },
    query: { follow: 'true' },
  })
  const shown = readStream(connection, url, showLines, ended.signal)
  const started = await watchAgent(connection, found, ({ lifecycle_state }) => startedStates.has(lifecycle_state))
  ended.abort()
  await shown
  const { lifecycle_state: state } = started.agent
  if (state === 'start_error') note('A start script failed. The workspace may be incomplete.')
  if (state === 'start_timeout') note('A start script ran into its timeout. The workspace may be incomplete.')
  return started
}

function showLines(lines: readonly WorkspaceAgentLog[]): void {
  for (const { output } of lines) note(output)
}

/** Watches the workspace until the condition holds. @throws CommandError when the workspace is stopped or rebuilt */
async function watchAgent(
  connection: Connection,
  { workspace, agent }: ReachableAgent,
  condition: (agent: WorkspaceAgent) => boolean,
): Promise<ReachableAgent> {
  let found: ReachableAgent | undefined
  let isGone = false as boolean
  const check = (current: Workspace) => {
    const now = agentsOf(current.latest_build).find(({ id }) => id === agent.id)
    isGone ||= now === undefined
    if (now && condition(now)) found ??= { workspace: current, agent: now }
    return isGone || found !== undefined
  }
  const params = { workspace: workspace.id }
  // The stream also ends with a restart of the deployment.
  do {
    const ended = new AbortController()
    const onFrame = ({ type, data }: ServerSentEvent) => {
      if (type === 'data' && data && check(data as Workspace)) ended.abort()
    }
    await readStream(connection, connection.client.url(watchWorkspaceSocket, { params }), onFrame, ended.signal)
  } while (!check(found?.workspace ?? (await connection.client.call(getWorkspace, { params }))))
  if (found) return found
  throw new CommandError(`Workspace ${workspace.name} was stopped or restarted.`, { hint: 'try again.' })
}

const agentsOf = (build: WorkspaceBuild) => build.resources.flatMap((resource) => resource.agents ?? [])
