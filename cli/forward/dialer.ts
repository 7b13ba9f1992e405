// Dials an agent by its name, so that forwards outlive restarts of the workspace, whose agents have other IDs.

import type { Socket } from 'node:net'
import type { TunnelQuery } from '../../api/agents/tunnels.ts'
import type { Connection } from '../connection/connect.ts'
import { type ReachableAgent, reachAgent } from '../dial/reach-agent.ts'
import { dialAgent, TunnelError } from '../dial/tunnel.ts'

export class Dialer {
  readonly #connection: Connection
  readonly #name: string
  #agentId: string
  #reaching: Promise<void> | undefined

  constructor(connection: Connection, { workspace, agent }: ReachableAgent) {
    this.#connection = connection
    this.#name = `${workspace.owner_name}/${workspace.name}.${agent.name}`
    this.#agentId = agent.id
  }

  /** Waits for the agent while the workspace starts. @throws TunnelError, or CommandError if the workspace is stopped */
  async dial(target: TunnelQuery): Promise<Socket> {
    try {
      return await dialAgent(this.#connection, this.#agentId, target)
    } catch (error) {
      if (error instanceof TunnelError && error.isOfTarget) throw error
      await this.#reachAgain()
      return dialAgent(this.#connection, this.#agentId, target)
    }
  }

  /** Once for all connections that wait for it. */
  #reachAgain(): Promise<void> {
    const options = { disableAutostart: true, asks: false, wait: 'no' } as const
    this.#reaching ??= reachAgent(this.#connection, this.#name, options)
      .then(({ agent }) => {
        this.#agentId = agent.id
      })
      .finally(() => {
        this.#reaching = undefined
      })
    return this.#reaching
  }
}
