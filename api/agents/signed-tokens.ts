// Tokens for one terminal: a page cannot send its cookie to another address of the deployment.

import { Type } from 'typebox'
import { Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'

/** Query parameter of the terminal's URL that carries the token, as in Coder's dashboard. */
export const signedTokenQuery = 'coder_signed_app_token_23db1dde'

export const issueTerminalToken = endpoint({
  method: 'POST',
  path: '/api/v2/applications/reconnecting-pty-signed-token',
  summary: 'Create a token that opens terminals of one agent, valid for a minute.',
  access: user('ssh', 'workspace'),
  body: Type.Object({
    /** URL of the terminal; the token is not bound to it. */
    url: Type.String({ maxLength: 4096 }),
    agentID: Uuid,
  }),
  responses: { 200: Type.Object({ signed_token: Type.String() }) },
})
