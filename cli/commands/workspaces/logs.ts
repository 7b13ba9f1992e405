// `coder logs`: prints the logs of a workspace build and of its agents' scripts.

import {
  followAgentLogs,
  getAgentLogs,
  type WorkspaceAgent,
  type WorkspaceAgentLog,
} from '../../../api/agents/agents.ts'
import type { ProvisionerJobLog } from '../../../api/organizations/provisioner-jobs.ts'
import { followBuildLogs, getBuild, getBuildLogs, type WorkspaceBuild } from '../../../api/workspaces/builds.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { readStream } from '../../connection/read-stream.ts'
import { requireBuild } from '../../lookup/find-workspace.ts'
import { formatTime } from '../../output/formats.ts'
import { print } from '../../output/print.ts'

interface LogsOptions extends GlobalOptions {
  readonly buildNumber: number
  readonly follow?: boolean
}

export async function logs([name = '']: readonly string[], options: LogsOptions): Promise<void> {
  const connection = await connect(options)
  const build = await requireBuild(connection, name, options.buildNumber)
  const params = { workspacebuild: build.id }
  print(
    `--- Build #${build.build_number} of ${build.workspace_name} (ID: ${build.id}, version: ${build.template_version_name}) ---`,
  )
  if (!options.follow) {
    printBuildLines(await connection.client.call(getBuildLogs, { params }))
    for (const agent of agentsOf(build)) await printAgentLogs(connection, agent)
    return
  }
  const url = connection.client.url(followBuildLogs, { params, query: { follow: 'true' } })
  await readStream(connection, url, (line: ProvisionerJobLog) => printBuildLines([line]))
  // The agents are known once the build has finished.
  const finished = await connection.client.call(getBuild, { params })
  await Promise.all(agentsOf(finished).map((agent) => followAgent(connection, agent)))
}

const agentsOf = (build: WorkspaceBuild) => build.resources.flatMap((resource) => resource.agents ?? [])

function printBuildLines(lines: readonly ProvisionerJobLog[]): void {
  for (const { created_at, log_level, stage, output } of lines)
    print(`${formatTime(created_at)} [${log_level}] [provisioner|${stage}]${output ? ` ${output}` : ''}`)
}

async function printAgentLogs({ client }: Connection, agent: WorkspaceAgent): Promise<void> {
  printAgentLines(agent, await client.call(getAgentLogs, { params: { workspaceagent: agent.id } }))
}

function printAgentLines(agent: WorkspaceAgent, lines: readonly WorkspaceAgentLog[]): void {
  for (const { created_at, level, output, source_id } of lines) {
    const source = agent.log_sources.find(({ id }) => id === source_id)?.display_name ?? 'script'
    print(`${formatTime(created_at)} [${level}] [agent.${agent.name}|${source}] ${output}`)
  }
}

async function followAgent(connection: Connection, agent: WorkspaceAgent): Promise<void> {
  const params = { workspaceagent: agent.id }
  const url = connection.client.url(followAgentLogs, { params, query: { follow: 'true' } })
  await readStream(connection, url, (lines: WorkspaceAgentLog[]) => printAgentLines(agent, lines))
}
