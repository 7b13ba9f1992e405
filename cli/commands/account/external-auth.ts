// `coder external-auth access-token` and `coder gitaskpass`: what a workspace knows of the accounts elsewhere that its
// owner has linked. They speak as the workspace's agent.

import { getAgentExternalAuth } from '../../../api/account/external-auth.ts'
import { ApiError } from '../../../api/errors.ts'
import { type AgentOptions, connectAsAgent } from '../../connection/agent-connection.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'

/** The token with exit status 0, or the address at which the account is linked with exit status 1. */
export async function printAccessToken(
  [id = '']: readonly string[],
  options: AgentOptions & { extra?: string },
): Promise<void> {
  const auth = await connectAsAgent(options).call(getAgentExternalAuth, { query: { id } })
  if (auth.url) {
    print(auth.url)
    process.exitCode = 1
    return
  }
  if (!options.extra) return print(auth.access_token)
  const value = options.extra
    .split('.')
    .reduce<unknown>((object, field) => (object as Record<string, unknown> | undefined)?.[field], auth.token_extra)
  if (value === undefined) throw new CommandError(`The token has no field ${options.extra}.`)
  print(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Git asks `Username for 'https://host': ` and `Password for 'https://user@host': ` and reads the answer. */
export async function answerGit([question = '']: readonly string[], options: AgentOptions): Promise<void> {
  const [, what = '', address = ''] = /^(Username|Password) for '([^']+)'/.exec(question) ?? []
  if (!what) throw new CommandError(`Git's question is not understood: ${question}`)
  const auth = await connectAsAgent(options)
    .call(getAgentExternalAuth, { query: { match: new URL(address).origin } })
    .catch(refuseUnlinked)
  if (auth.url) throw new CommandError('The account is not linked yet.', { hint: `open ${auth.url} in a browser.` })
  print(what === 'Username' ? auth.username || auth.access_token : auth.password)
}

/** Git then asks the person itself. */
function refuseUnlinked(error: unknown): never {
  if (error instanceof ApiError && error.status === 404)
    throw new CommandError('No account is linked for this address.')
  throw error
}
