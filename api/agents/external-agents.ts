// Agents that users start manually, on machines that no template created.

import { Type } from 'typebox'
import { Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

export const ExternalAgentCredentials = Type.Object({ command: Type.String(), agent_token: Type.String() })

export const getExternalAgentCredentials = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/external-agent/:agent/credentials',
  summary: 'Get the token of an external agent and a command that starts it.',
  access: user('update', 'workspace'),
  params: Type.Object({ workspace: Uuid, agent: Type.String() }),
  responses: { 200: ExternalAgentCredentials },
})
