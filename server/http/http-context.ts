// Dependencies of the request layer: authentication, sessions, throttling.

import type { BaseContext } from '../base-context.ts'
import type { SessionCache } from '../users/session-cache.ts'
import type { SignInAttempts } from './sign-in-attempts.ts'

export interface HttpContext extends BaseContext {
  /** The secret in run.json, which proves that the caller is the operating-system user of the deployment. */
  readonly secret: string
  /** Proves, until the first user exists, that the caller has read the output of coderd. */
  readonly setupCode: string
  readonly sessions: SessionCache
  readonly signInAttempts: SignInAttempts
}
