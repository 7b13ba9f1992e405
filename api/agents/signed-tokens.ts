// Tokens for one terminal: pages that speak to another address of the deployment than their own cannot send their cookie.

import { Type } from 'typebox'
import { Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

/** The name in the query of the terminal's address, as Coder's pages send it. */
export const signedTokenQuery = 'coder_signed_app_token_23db1dde'

export const issueTerminalToken = endpoint({
  method: 'POST',
  path: '/api/v2/applications/reconnecting-pty-signed-token',
  summary: 'Gives a token that opens terminals of one agent, for a minute',
  access: user('ssh', 'workspace'),
  body: Type.Object({
    /** The address of the terminal, which the token is not bound to. */
    url: Type.String({ maxLength: 4096 }),
    agentID: Uuid,
  }),
  responses: { 200: Type.Object({ signed_token: Type.String() }) },
})
