// `coder logout`: ends the given session or the one stored by `coder login`. The deployment on this computer needs no
// login, so it has no session to end.

import { logout as logoutEndpoint } from '../../../api/account/sign-in.ts'
import { ApiError } from '../../../api/errors.ts'
import { configuredLogin, connectTo } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { deleteLogin, type Login, loginFolder, readLogin } from '../../connection/login-store.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'
import { confirm } from '../../prompts/prompts.ts'

export async function logout(_args: readonly string[], options: GlobalOptions & { yes?: boolean }): Promise<void> {
  const login = configuredLogin(options)
  if (!login) throw new CommandError('You are not signed in.', { hint: '`coder login` signs in.' })
  await confirm(`Sign out of ${login.url}?`, { skip: options.yes ?? false, defaultsToYes: true })
  const unreachable = await endSession(login, options)
  const folder = loginFolder(options.globalConfig)
  if (readLogin(folder)?.token === login.token) deleteLogin(folder)
  if (unreachable)
    throw new CommandError('The stored login was deleted, but the session remains valid until it expires.', {
      detail: unreachable.detail ?? unreachable.message,
    })
  print(`Signed out of ${login.url}.`)
}

/** @returns the error when the deployment is unreachable, which is no reason to keep the login. An expired session counts
 *  as ended. */
async function endSession(login: Login, options: GlobalOptions): Promise<ApiError | undefined> {
  try {
    await connectTo(login, options).client.call(logoutEndpoint)
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 0)) throw error
    return error.status === 0 ? error : undefined
  }
  return undefined
}
