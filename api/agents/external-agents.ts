// Agents that somebody starts by hand, on a machine that no template made.

import { Type } from 'typebox'
import { Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

export const ExternalAgentCredentials = Type.Object({ command: Type.String(), agent_token: Type.String() })

export const getExternalAgentCredentials = endpoint({
  method: 'GET',
  path: '/api/v2/workspaces/:workspace/external-agent/:agent/credentials',
  summary: 'Gives what the machine of an external agent needs: the token, and a command that starts the agent',
  access: user('update', 'workspace'),
  params: Type.Object({ workspace: Uuid, agent: Type.String() }),
  responses: { 200: ExternalAgentCredentials },
})
