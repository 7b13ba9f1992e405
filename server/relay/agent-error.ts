/** The agent is not connected, or what it was asked for could not be had. The message is for the person. */
export class AgentError extends Error {
  readonly reason: 'away' | 'refused'

  constructor(reason: AgentError['reason'], message: string) {
    super(message)
    this.name = 'AgentError'
    this.reason = reason
  }
}

export const agentIsAway = () => new AgentError('away', 'The agent is not connected.')
