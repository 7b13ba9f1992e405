/** Why an agent did not answer: it is not connected, its connection was lost while it was asked, or it refused. */
type Reason = 'away' | 'lost' | 'refused'

/** What an agent was asked for could not be had. The message is for the person. */
export class AgentError extends Error {
  readonly reason: Reason

  constructor(reason: Reason, message: string) {
    super(message)
    this.name = 'AgentError'
    this.reason = reason
  }
}

export const agentIsAway = () => new AgentError('away', 'The agent is not connected.')

export const agentIsLost = () => new AgentError('lost', 'The connection to the agent was lost.')
