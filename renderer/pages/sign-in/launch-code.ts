// The one-time code in the fragment of a sign-in link: read once, removed from the address and the history before
// anything else happens, exchanged for a session cookie.

import { ApiError } from '../../../api/errors.ts'
import { isSignedIn, signInWithCode } from '../../api/users.ts'

/** The code of the page's address, which no longer has it afterwards. */
export function takeLaunchCode(): string | undefined {
  const code = new URLSearchParams(location.hash.slice(1)).get('code')
  if (code === null) return undefined
  history.replaceState(history.state, '', location.pathname + location.search)
  return code
}

export type Exchange =
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Whoever is signed in already stays so, whatever the code is worth. */
export async function exchange(code: string): Promise<Exchange> {
  try {
    await signInWithCode(code)
    return { kind: 'signed-in' }
  } catch (error) {
    const isRefused = error instanceof ApiError && error.status >= 400 && error.status < 500
    if (!isRefused) return { kind: 'failed', error }
    return (await isSignedIn()) ? { kind: 'signed-in' } : { kind: 'stale' }
  }
}
