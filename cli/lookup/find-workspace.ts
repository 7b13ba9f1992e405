// Resolves the workspace and the build that a command names.

import { ApiError } from '../../api/errors.ts'
import { getBuildByNumber, type WorkspaceBuild } from '../../api/workspaces/builds.ts'
import { getWorkspaceByName, listWorkspaces, type Workspace } from '../../api/workspaces/workspaces.ts'
import type { Connection } from '../connection/connect.ts'
import { CommandError } from '../output/errors.ts'

/** `name` or `owner/name`. */
export function parseWorkspaceName(text: string): { user: string; workspacename: string } {
  const [first = '', second, ...more] = text.split('/')
  if (more.length > 0 || first === '' || second === '')
    throw new CommandError(`"${text}" is not a workspace name.`, { hint: 'use `workspace` or `owner/workspace`.' })
  return second === undefined ? { user: 'me', workspacename: first } : { user: first, workspacename: second }
}

export async function requireWorkspace({ client }: Connection, name: string): Promise<Workspace> {
  const params = parseWorkspaceName(name)
  try {
    return await client.call(getWorkspaceByName, { params })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error
    const { workspaces } = await client.call(listWorkspaces, { query: { q: 'owner:me' } })
    const names = workspaces.map((workspace) => workspace.name).join(', ')
    throw new CommandError(`Workspace ${name} not found.`, {
      detail: names === '' ? undefined : `Your workspaces: ${names}`,
      hint: '`coder list` lists workspaces; `coder create` creates one.',
      cause: error,
    })
  }
}

/** @param number 0 for the latest build, negative numbers count back from it. @throws CommandError when it does not exist */
export async function requireBuild(connection: Connection, name: string, number: number): Promise<WorkspaceBuild> {
  const { latest_build, owner_name, name: workspacename } = await requireWorkspace(connection, name)
  const wanted = number > 0 ? number : latest_build.build_number + number
  if (wanted === latest_build.build_number) return latest_build
  if (wanted < 1 || wanted > latest_build.build_number)
    throw new CommandError(`Workspace ${name} has no build ${number}.`, {
      detail: `Its builds are numbered 1 to ${latest_build.build_number}.`,
    })
  const params = { user: owner_name, workspacename, buildnumber: wanted }
  return connection.client.call(getBuildByNumber, { params })
}
