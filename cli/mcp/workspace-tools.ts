// Tools for workspaces: listing, creating and building workspaces, and reading their logs.

import { getUser } from '../../api/account/users.ts'
import { getAgentLogs } from '../../api/agents/agents.ts'
import type { ProvisionerJobLog } from '../../api/organizations/provisioner-jobs.ts'
import { createBuild, getBuildLogs } from '../../api/workspaces/builds.ts'
import { createWorkspace, getWorkspace, listWorkspaces, type Workspace } from '../../api/workspaces/workspaces.ts'
import type { Connection } from '../connection/connect.ts'
import { requireWorkspace } from '../lookup/find-workspace.ts'
import { enumField, stringField, stringMapField, tool } from './tool.ts'

const isId = (name: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)

const findWorkspace = (connection: Connection, name: string): Promise<Workspace> =>
  isId(name)
    ? connection.client.call(getWorkspace, { params: { workspace: name } })
    : requireWorkspace(connection, name)

/** The fields that an AI needs; a full workspace is ten times as long. */
const summarizeWorkspace = ({
  id,
  name,
  owner_name,
  template_name,
  template_id,
  outdated,
  latest_build,
}: Workspace) => ({
  id,
  name,
  owner_name,
  template_id,
  template_name,
  outdated,
  status: latest_build.status,
  latest_build_id: latest_build.id,
  agents: latest_build.resources
    .flatMap(({ agents }) => agents ?? [])
    .map((agent) => ({ id: agent.id, name: agent.name, status: agent.status, lifecycle: agent.lifecycle_state })),
})

const parameterValues = (values: Readonly<Record<string, string>> = {}) =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

export const formatJobLog = (lines: readonly ProvisionerJobLog[]): string =>
  lines.map(({ created_at, log_level, stage, output }) => `${created_at} [${log_level}] ${stage}: ${output}`).join('\n')

export const workspaceTools = [
  tool({
    name: 'coder_get_authenticated_user',
    description: 'Returns the signed-in user: ID, name, email and roles.',
    required: {},
    optional: {},
    call: async (_input, { userConnection }) => userConnection().client.call(getUser, { params: { user: 'me' } }),
  }),
  tool({
    name: 'coder_list_workspaces',
    description: 'Lists workspaces with their status and agents.',
    required: {},
    optional: { owner: stringField('The owner: a username, or "me" (default).') },
    async call({ owner = 'me' }, { userConnection }) {
      const { workspaces } = await userConnection().client.call(listWorkspaces, { query: { q: `owner:"${owner}"` } })
      return workspaces.map(summarizeWorkspace)
    },
  }),
  tool({
    name: 'coder_get_workspace',
    description: 'Returns a workspace with its latest build, resources, agents and apps.',
    required: { workspace_id: stringField('The ID of the workspace, its name, or owner/name.') },
    optional: {},
    call: ({ workspace_id }, { userConnection }) => findWorkspace(userConnection(), workspace_id),
  }),
  tool({
    name: 'coder_create_workspace',
    description:
      'Creates a workspace from a template version and starts its first build. Call coder_template_version_parameters first for the parameters. coder_get_workspace shows the progress of the build.',
    required: {
      name: stringField('At most 32 letters, digits and single hyphens.'),
      template_version_id: stringField('The ID of a version, such as the active_version_id of a template.'),
    },
    optional: {
      user: stringField('The owner: a username, an ID, or "me" (default).'),
      rich_parameters: stringMapField('Parameter values by name.'),
    },
    async call({ name, template_version_id, user = 'me', rich_parameters }, { userConnection }) {
      const body = { name, template_version_id, rich_parameter_values: parameterValues(rich_parameters) }
      return summarizeWorkspace(await userConnection().client.call(createWorkspace, { params: { user }, body }))
    },
  }),
  tool({
    name: 'coder_create_workspace_build',
    description:
      'Starts, stops or deletes a workspace, or starts it on another version of its template. Returns the running build; coder_get_workspace shows its progress.',
    required: {
      workspace_id: stringField('The ID of the workspace, its name, or owner/name.'),
      transition: enumField(
        ['start', 'stop', 'delete'],
        'The transition. Deleting destroys all data of the workspace.',
      ),
    },
    optional: {
      template_version_id: stringField('The template version; default is the current one.'),
      rich_parameters: stringMapField('Changed parameter values by name.'),
    },
    async call({ workspace_id, transition, template_version_id, rich_parameters }, { userConnection }) {
      const { client } = userConnection()
      const { id } = await findWorkspace(userConnection(), workspace_id)
      const values = parameterValues(rich_parameters)
      const build = await client.call(createBuild, {
        params: { workspace: id },
        body: {
          transition,
          ...(template_version_id && { template_version_id }),
          ...(values.length > 0 && { rich_parameter_values: values }),
        },
      })
      return { id: build.id, build_number: build.build_number, status: build.status, workspace: build.workspace_name }
    },
  }),
  tool({
    name: 'coder_get_workspace_build_logs',
    description: 'Returns the log of a workspace build.',
    required: { workspace_build_id: stringField('The ID of the build.') },
    optional: {},
    async call({ workspace_build_id }, { userConnection }) {
      const params = { workspacebuild: workspace_build_id }
      return formatJobLog(await userConnection().client.call(getBuildLogs, { params }))
    },
  }),
  tool({
    name: 'coder_get_workspace_agent_logs',
    description: "Returns the output of the scripts of a workspace's agent.",
    required: { workspace_agent_id: stringField('The ID of the agent.') },
    optional: {},
    async call({ workspace_agent_id }, { userConnection }) {
      const lines = await userConnection().client.call(getAgentLogs, { params: { workspaceagent: workspace_agent_id } })
      return lines.map(({ created_at, level, output }) => `${created_at} [${level}] ${output}`).join('\n')
    },
  }),
  tool({
    name: 'coder_workspace_list_apps',
    description: 'Lists the apps of a running workspace with their URLs.',
    required: { workspace: stringField('The name of the workspace, or owner/name.') },
    optional: {},
    async call({ workspace }, { userConnection }) {
      const connection = userConnection()
      const found = await findWorkspace(connection, workspace)
      const agents = found.latest_build.resources.flatMap(({ agents: some }) => some ?? [])
      return agents.flatMap((agent) =>
        agent.apps.map((app) => ({
          name: app.display_name || app.slug,
          health: app.health,
          url: app.external
            ? app.url
            : `${connection.url}/@${found.owner_name}/${found.name}.${agent.name}/apps/${app.slug}/`,
        })),
      )
    },
  }),
] as const
