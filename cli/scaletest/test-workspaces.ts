// The users and workspaces of load tests, which are identified by their names.

import { setTimeout as sleep } from 'node:timers/promises'
import { deleteUser, listUsers, type User } from '../../api/account/users.ts'
import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import { createBuild, getBuild, type WorkspaceBuild } from '../../api/workspaces/builds.ts'
import { getWorkspace, listWorkspaces, type Workspace } from '../../api/workspaces/workspaces.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'

/** Prefix of the names of all users and workspaces of load tests. */
export const namePrefix = 'scaletest-'
const emailSuffix = '@scaletest.local'

export const emailOf = (username: string): string => `${username}${emailSuffix}`

const pollMs = 500

export async function findWorkspaces({ client }: Connection): Promise<Workspace[]> {
  const { workspaces } = await client.call(listWorkspaces, { query: { q: `name:${namePrefix}` } })
  return workspaces.filter(({ name }) => name.startsWith(namePrefix))
}

export async function findUsers({ client }: Connection): Promise<readonly User[]> {
  const { users } = await client.call(listUsers, { query: { q: namePrefix } })
  // A regular user may have the prefix; users of load tests also have the email suffix.
  return users.filter(({ username, email }) => username.startsWith(namePrefix) && email.endsWith(emailSuffix))
}

/** Resolves when the build has succeeded. @throws CommandError when it failed or was canceled */
export async function waitForBuild({ client }: Connection, id: string, signal: AbortSignal): Promise<WorkspaceBuild> {
  for (;;) {
    const build = await client.call(getBuild, { params: { workspacebuild: id }, signal })
    const { status, error } = build.job
    if (status === 'succeeded') return build
    if (status === 'failed' || status === 'canceled')
      throw new CommandError(`The ${build.transition} build of ${build.workspace_name} has status ${status}.`, {
        detail: error,
      })
    await sleep(pollMs, undefined, { signal })
  }
}

export const agentsOf = ({ latest_build: { resources } }: Workspace): readonly WorkspaceAgent[] =>
  resources.flatMap(({ agents }) => agents ?? [])

/** Resolves when every agent of the workspace is connected. */
export async function waitForAgents({ client }: Connection, id: string, signal: AbortSignal): Promise<Workspace> {
  for (;;) {
    const workspace = await client.call(getWorkspace, { params: { workspace: id }, signal })
    if (agentsOf(workspace).every(({ status }) => status === 'connected')) return workspace
    await sleep(pollMs, undefined, { signal })
  }
}

export async function deleteWorkspace(
  connection: Connection,
  { id, latest_build }: Workspace,
  signal: AbortSignal,
): Promise<void> {
  // Waits for a running build, whatever its result.
  await waitForBuild(connection, latest_build.id, signal).catch(() => signal.throwIfAborted())
  const body = { transition: 'delete' as const }
  const build = await connection.client.call(createBuild, { params: { workspace: id }, body, signal })
  await waitForBuild(connection, build.id, signal)
}

export async function removeUser({ client }: Connection, { id }: User, signal: AbortSignal): Promise<void> {
  await client.call(deleteUser, { params: { user: id }, signal })
}
