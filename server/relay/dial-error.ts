// Failure of a dial into a workspace.

import type { DialErrorCode } from '../../api/agents/agent-protocol.ts'
import { AgentError } from './agent-error.ts'

/** The message is for users. */
export class DialError extends Error {
  readonly code: DialErrorCode

  constructor(code: DialErrorCode, message: string) {
    super(message)
    this.name = 'DialError'
    this.code = code
  }
}

const agentErrorCodes = {
  'not-connected': 'agent-disconnected',
  lost: 'agent-disconnected',
  unsupported: 'unsupported',
  rejected: 'failed',
  invalid: 'failed',
} as const satisfies Record<AgentError['reason'], DialErrorCode>

export function toDialError(error: unknown): DialError {
  if (error instanceof DialError) return error
  const { message } = error as Error
  return new DialError(error instanceof AgentError ? agentErrorCodes[error.reason] : 'failed', message)
}
