// Tokens for pages that open a terminal at another address of the deployment.

import type { FastifyInstance } from 'fastify'
import { issueTerminalToken } from '../../../api/agents/signed-tokens.ts'
import type { ServerContext } from '../../context.ts'
import { serve } from '../../http/serve.ts'
import { signTerminalToken } from '../../http/terminal-tokens.ts'
import { requireAgent } from '../../lookup/workspaces.ts'

export function registerSignedTokenRoutes(app: FastifyInstance, context: ServerContext): void {
  serve(app, issueTerminalToken, async (request) => {
    const { agent } = await requireAgent(context, request, request.body.agentID, 'ssh')
    const { keyId } = request.principal
    return { signed_token: await signTerminalToken(context.db, { keyId, agentId: agent.id }) }
  })
}
