// `coder logout`: ends the session that is named, or that `coder login` stored. The deployment of this computer needs no
// login, so there is nothing of it to end.

import { ApiError } from '../../api/errors.ts'
import { logout as logoutEndpoint } from '../../api/sign-in.ts'
import { chosenLogin, connectTo } from '../connect.ts'
import { CommandError } from '../errors.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { forgetLogin, loginFolder, readLogin } from '../login-store.ts'
import { print } from '../output.ts'
import { confirm } from '../prompts.ts'

export async function logout(_args: readonly string[], options: GlobalOptions & { yes?: boolean }): Promise<void> {
  const login = chosenLogin(options)
  if (!login) throw new CommandError('You are not signed in.', { hint: '`coder login` signs in.' })
  await confirm(`Sign out of ${login.url}?`, { isSure: options.yes ?? false, isUsual: true })
  await connectTo(login, options).client.call(logoutEndpoint).catch(unlessOver)
  const folder = loginFolder(options.globalConfig)
  if (readLogin(folder)?.token === login.token) forgetLogin(folder)
  print(`Signed out of ${login.url}.`)
}

/** A session that has expired, or a deployment that is gone, is no reason to keep the login. */
function unlessOver(error: unknown): void {
  if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 0)) throw error
}
