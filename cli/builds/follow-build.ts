// Follows a workspace build until it finishes.

import { followBuildLogs, getBuild, type WorkspaceBuild } from '../../api/workspaces/builds.ts'
import type { Connection } from '../connection/connect.ts'
import { followJob } from './follow-job.ts'

/** Prints the build's log until it has finished. @throws CommandError when the build failed */
export async function followBuild(connection: Connection, build: WorkspaceBuild): Promise<void> {
  const params = { workspacebuild: build.id }
  const job = async () => (await connection.client.call(getBuild, { params })).job
  const url = connection.client.url(followBuildLogs, { params, query: { follow: 'true' } })
  await followJob({ url, connection, job }, describeBuild(build))
}

const verbs = { start: 'Starting', stop: 'Stopping', delete: 'Deleting' } as const
const describeBuild = (build: WorkspaceBuild) => `${verbs[build.transition]} ${build.workspace_name}`
