// `coder publickey`: the user's Git SSH key, which all of their workspaces use.

import { getGitSshKey, regenerateGitSshKey } from '../../../api/account/user-settings.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { note, print } from '../../output/print.ts'
import { confirm } from '../../prompts/prompts.ts'

export async function showPublicKey(
  _args: readonly string[],
  options: GlobalOptions & { reset?: boolean; yes?: boolean },
): Promise<void> {
  const { client } = await connect(options)
  const params = { user: 'me' }
  if (options.reset)
    await confirm('Generate a new key? You must register it with your Git servers again.', {
      skip: options.yes ?? false,
      defaultsToYes: true,
    })
  const { public_key } = await client.call(options.reset ? regenerateGitSshKey : getGitSshKey, { params })
  note('Register this key with your Git server to use it from your workspaces:')
  print(public_key.trim())
}
