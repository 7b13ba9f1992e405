// Credentials of agents that are started manually.

import type { FastifyInstance } from 'fastify'
import { getExternalAgentCredentials } from '../../../api/agents/external-agents.ts'
import { notFound } from '../../../api/errors.ts'
import { decryptAgentToken } from '../../agents/agent-token.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { requireWorkspace } from '../../lookup/workspaces.ts'

export function registerExternalAgentRoutes(app: FastifyInstance, context: ServerContext): void {
  serve(app, getExternalAgentCredentials, async (request) => {
    const workspace = await requireWorkspace(context, request, request.params.workspace, 'update')
    const agent = await context.db
      .selectFrom('workspace_agents as agent')
      .innerJoin('workspace_resources as resource', 'resource.id', 'agent.resource_id')
      .innerJoin('workspace_builds as build', 'build.job_id', 'resource.job_id')
      .innerJoin('template_versions as version', 'version.id', 'build.template_version_id')
      .where('build.id', '=', workspace.latest_build_id)
      .where('version.has_external_agent', '=', true)
      .where('resource.type', '=', 'coder_external_agent')
      .where('agent.name', '=', request.params.agent)
      .select([
        'agent.id',
        'agent.auth_token',
        'agent.auth_token_key_id',
        'agent.operating_system',
        'agent.architecture',
      ])
      .executeTakeFirst()
    const token = agent && decryptAgentToken(context.encryption, agent)
    if (!token) throw notFound()
    const { operating_system: os, architecture } = agent
    const script = `${context.accessUrl}/api/v2/init-script/${os}/${architecture}`
    return { agent_token: token, command: commandFor(os, script, token) }
  })
}

const commandFor = (os: string, script: string, token: string) =>
  os === 'windows'
    ? `$env:CODER_AGENT_TOKEN="${token}"; iwr -useb "${script}" | iex`
    : `curl -fsSL "${script}" | CODER_AGENT_TOKEN="${token}" sh`
