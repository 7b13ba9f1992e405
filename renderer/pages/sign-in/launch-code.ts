// The one-time code in the fragment of a sign-in link. Removed from the address and the history before other code runs,
// then exchanged for a session cookie.

import { ApiError } from '../../../api/errors.ts'
import { findSignedInUser, findUserOfCode, signInWithCode } from '../../api/users.ts'

/** Reads the code and removes it from the page's address. */
export function takeLaunchCode(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  if (code === null) return undefined
  history.replaceState(history.state, '', location.pathname + location.search)
  return code
}

export type ExchangeResult =
  | { readonly kind: 'signed-in' }
  /** The link is of another user than the current one: the sender could be watching what is entered afterwards. */
  | { readonly kind: 'unconfirmed'; readonly username: string; readonly current: string | undefined }
  | { readonly kind: 'stale' }
  | { readonly kind: 'failed'; readonly error: unknown }

/** An existing session stays valid if the code is refused.
 *  @param isConfirmed whether the user wants to become the user of the link */
export async function exchangeCode(code: string, isConfirmed = false): Promise<ExchangeResult> {
  try {
    const username = isConfirmed ? '' : await findUserOfCode(code)
    if (username !== '') {
      const current = await findSignedInUser()
      return username === current ? { kind: 'signed-in' } : { kind: 'unconfirmed', username, current }
    }
    await signInWithCode(code)
    return { kind: 'signed-in' }
  } catch (error) {
    const isRefused = error instanceof ApiError && error.status >= 400 && error.status < 500
    if (!isRefused) return { kind: 'failed', error }
    return (await findSignedInUser()) === undefined ? { kind: 'stale' } : { kind: 'signed-in' }
  }
}
