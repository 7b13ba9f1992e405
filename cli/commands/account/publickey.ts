// `coder publickey`: the key with which a person's workspaces speak to Git servers, to be entered there.

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
    await confirm('Make a new key? Git servers that know the old one must be told.', {
      skip: options.yes ?? false,
      defaultsToYes: true,
    })
  const { public_key } = await client.call(options.reset ? regenerateGitSshKey : getGitSshKey, { params })
  note('Enter this key at your Git server, so that your workspaces may use it:')
  print(public_key.trim())
}
