/** The agent is not connected, its connection was lost during the request, it does not know the target, it rejected the
 *  request, or its response is missing or unusable. coderd sees `unsupported` as `rejected`. */
type Reason = 'not-connected' | 'lost' | 'unsupported' | 'rejected' | 'invalid'

/** A failed request to an agent. The message is for users. */
export class AgentError extends Error {
  readonly reason: Reason

  constructor(reason: Reason, message: string) {
    super(message)
    this.name = 'AgentError'
    this.reason = reason
  }
}

export const agentNotConnected = () => new AgentError('not-connected', 'The agent is not connected.')

export const agentConnectionLost = () => new AgentError('lost', 'The connection to the agent was lost.')

export const targetUnsupported = () =>
  new AgentError(
    'unsupported',
    'The agent is of a version that does not support this. Restart the workspace to update it.',
  )
