// `coder external-auth access-token` and `coder gitaskpass`: credentials of the external accounts that the workspace's
// owner has linked. Both authenticate as the workspace's agent.

import { getAgentExternalAuth } from '../../../api/account/external-auth.ts'
import { ApiError } from '../../../api/errors.ts'
import { type AgentOptions, connectAsAgent } from '../../connection/agent-connection.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'

/** Prints the token with exit status 0, or the URL for linking the account with exit status 1. */
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
  if (value === undefined) throw new CommandError(`The token has no extra field ${options.extra}.`)
  print(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Answers Git's prompts `Username for 'https://host': ` and `Password for 'https://user@host': `. */
export async function answerGit([question = '']: readonly string[], options: AgentOptions): Promise<void> {
  const [, field = '', url = ''] = /^(Username|Password) for '([^']+)'/.exec(question) ?? []
  if (!field) throw new CommandError(`Unsupported prompt from Git: ${question}`)
  const auth = await connectAsAgent(options)
    .call(getAgentExternalAuth, { query: { match: new URL(url).origin } })
    .catch(rejectUnlinked)
  if (auth.url) throw new CommandError('The account is not linked yet.', { hint: `link it at ${auth.url}.` })
  print(field === 'Username' ? auth.username || auth.access_token : auth.password)
}

/** After a failure, Git prompts the user itself. */
function rejectUnlinked(error: unknown): never {
  if (error instanceof ApiError && error.status === 404) throw new CommandError('No linked account matches this URL.')
  throw error
}
