// `coder show`: shows the resources of a workspace, their agents and apps, and their status.

import type { WorkspaceAgent } from '../../../api/agents/agents.ts'
import type { WorkspaceResource } from '../../../api/workspaces/builds.ts'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireWorkspace } from '../../lookup/find-workspace.ts'
import { formatDistance } from '../../output/formats.ts'
import { print, printJson } from '../../output/print.ts'
import { type Column, formatTable } from '../../output/tables.ts'

interface ShowOptions extends GlobalOptions {
  readonly output: string
  readonly details?: boolean
}

export async function show([name = '']: readonly string[], options: ShowOptions): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  if (options.output === 'json') return printJson(workspace)
  print(describeWorkspace(workspace))
  print('')
  print(formatTable(columns, rowsOf(workspace.latest_build.resources, options.details ?? false)))
}

function describeWorkspace({ owner_name, name, latest_build, template_name, outdated, health }: Workspace): string {
  const version = `${template_name} ${latest_build.template_version_name}${outdated ? ' (outdated)' : ''}`
  const healthNote = health.healthy ? '' : ', unhealthy'
  return [
    `${owner_name}/${name}`,
    `  status:    ${latest_build.status}${healthNote}, since ${formatDistance(latest_build.created_at)}`,
    `  template:  ${version}`,
    `  build:     ${latest_build.build_number}, by ${latest_build.initiator_name}`,
  ].join('\n')
}

interface Row {
  readonly resource: string
  readonly status: string
  readonly health: string
  readonly version: string
  readonly access: string
}

const columns: readonly Column<Row>[] = [
  { title: 'resource', value: ({ resource }) => resource },
  { title: 'status', value: ({ status }) => status },
  { title: 'health', value: ({ health }) => health },
  { title: 'version', value: ({ version }) => version },
  { title: 'access', value: ({ access }) => access },
]

function rowsOf(resources: readonly WorkspaceResource[], withDetails: boolean): Row[] {
  return resources
    .filter(({ hide }) => !hide)
    .flatMap((resource) => [
      { resource: `${resource.type}.${resource.name}`, status: '', health: '', version: '', access: '' },
      ...(resource.agents ?? []).flatMap((agent) => agentRows(agent, withDetails)),
    ])
}

function agentRows(agent: WorkspaceAgent, withDetails: boolean): Row[] {
  const detail = (text: string) => ({ resource: `   ${text}`, status: '', health: '', version: '', access: '' })
  const status = [agent.status, agent.lifecycle_state === 'ready' ? '' : agent.lifecycle_state]
  return [
    {
      resource: `└─ ${agent.name} (${agent.operating_system}, ${agent.architecture})`,
      status: status.filter(Boolean).join(', '),
      health: agent.health.healthy ? 'healthy' : (agent.health.reason ?? 'unhealthy'),
      version: agent.version,
      access: agent.apps
        .filter(({ hidden }) => !hidden)
        .map(({ slug }) => slug)
        .join(', '),
    },
    ...(withDetails ? agent.scripts.map((script) => detail(`script: ${script.display_name}`)) : []),
    ...(withDetails ? agent.apps.map((app) => detail(`app: ${app.display_name ?? app.slug}, ${app.health}`)) : []),
  ]
}
