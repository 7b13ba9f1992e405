// `coder start`, `stop`, `restart`, `update` and `delete`: builds a workspace and follows the build.

import { type CreateWorkspaceBuildRequest, createBuild, getBuildParameters } from '../../../api/workspaces/builds.ts'
import { updateWorkspaceDormancy } from '../../../api/workspaces/workspace-schedules.ts'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { followBuild } from '../../builds/follow-build.ts'
import { type ParameterFlags, resolveParameters } from '../../builds/resolve-parameters.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireWorkspace } from '../../lookup/find-workspace.ts'
import { print } from '../../output/print.ts'
import { confirm } from '../../prompts/prompts.ts'

interface TransitionOptions extends GlobalOptions, ParameterFlags {
  readonly orphan?: boolean
  readonly wait?: boolean
  readonly reason?: string
  readonly provisionerLogDebug?: boolean
}

export async function start([name = '']: readonly string[], options: TransitionOptions): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  const changesParameters = Boolean(options.parameter?.length || options.richParameterFile || options.alwaysPrompt)
  if (workspace.latest_build.status === 'running' && !changesParameters)
    return print(`${workspace.name} is already running.`)
  await activateDormant(connection, workspace)
  await build(connection, workspace, await startRequest(connection, workspace, options, versionOf(workspace)), options)
}

/** A dormant workspace cannot start; starting it explicitly ends its dormancy. */
async function activateDormant({ client }: Connection, { id, dormant_at }: Workspace): Promise<void> {
  if (dormant_at) await client.call(updateWorkspaceDormancy, { params: { workspace: id }, body: { dormant: false } })
}

export async function stop([name = '']: readonly string[], options: TransitionOptions): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  if (workspace.latest_build.status === 'stopped') return print(`${workspace.name} is already stopped.`)
  await confirm(`Stop ${workspace.name}? This terminates its processes.`, {
    skip: options.yes ?? false,
    defaultsToYes: true,
  })
  await build(connection, workspace, { transition: 'stop' }, options)
}

export async function restart([name = '']: readonly string[], options: TransitionOptions): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  const request = await startRequest(connection, workspace, options, versionOf(workspace))
  await confirm(`Restart ${workspace.name}? This terminates its processes.`, {
    skip: options.yes ?? false,
    defaultsToYes: true,
  })
  if (workspace.latest_build.transition === 'start')
    await build(connection, workspace, { transition: 'stop' }, { ...options, wait: true })
  await build(connection, workspace, request, options)
}

/** Updates to the active version and keeps the parameter values. */
export async function update([name = '']: readonly string[], options: TransitionOptions): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  if (!workspace.outdated && !options.alwaysPrompt) return print(`${workspace.name} is up to date.`)
  const request = await startRequest(connection, workspace, options, workspace.template_active_version_id)
  if (workspace.latest_build.status === 'running')
    await build(connection, workspace, { transition: 'stop' }, { ...options, wait: true })
  await build(connection, workspace, request, options)
}

export async function remove([name = '']: readonly string[], options: TransitionOptions): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  await confirm(`Delete ${workspace.name}? This destroys all of its resources.`, { skip: options.yes ?? false })
  const request = { transition: 'delete' as const, ...(options.orphan ? { orphan: true } : {}) }
  await build(connection, workspace, request, options)
}

/** The template version for a start: the active one with automatic updates, else that of the latest build. */
const versionOf = (workspace: Workspace) =>
  workspace.automatic_updates === 'always' || workspace.template_require_active_version
    ? workspace.template_active_version_id
    : workspace.latest_build.template_version_id

async function startRequest(
  connection: Connection,
  workspace: Workspace,
  options: TransitionOptions,
  versionId: string,
): Promise<CreateWorkspaceBuildRequest> {
  const previous = await connection.client.call(getBuildParameters, {
    params: { workspacebuild: workspace.latest_build.id },
  })
  const form = { versionId, isClassic: workspace.template_use_classic_parameter_flow, ownerId: workspace.owner_id }
  const { values, presetId } = await resolveParameters(connection, form, options, { previous })
  return {
    transition: 'start',
    template_version_id: versionId,
    rich_parameter_values: values,
    ...(presetId ? { template_version_preset_id: presetId } : {}),
  }
}

const inProgress = { start: 'is starting', stop: 'is stopping', delete: 'is being deleted' } as const
const done = { start: 'is running', stop: 'is stopped', delete: 'was deleted' } as const

async function build(
  connection: Connection,
  { id, name }: Workspace,
  request: CreateWorkspaceBuildRequest,
  { wait = true, reason = 'cli', provisionerLogDebug }: TransitionOptions,
): Promise<void> {
  const created = await connection.client.call(createBuild, {
    params: { workspace: id },
    body: {
      ...request,
      reason: reason as NonNullable<CreateWorkspaceBuildRequest['reason']>,
      ...(provisionerLogDebug ? { log_level: 'debug' } : {}),
    },
  })
  if (!wait) return print(`${name} ${inProgress[request.transition]}.`)
  await followBuild(connection, created)
  print(`${name} ${done[request.transition]}.`)
}
