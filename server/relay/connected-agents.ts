// Registry of connected agents, and of callers that wait for one. The relay stores its sessions in it; coderd has a
// second instance because it needs the state for most responses.

import type { AgentIdentity, AgentRole } from '../../api/agents/agent-protocol.ts'
import { agentNotConnected } from './agent-error.ts'

export interface AgentReference {
  readonly agentId: string
  readonly workspaceId: string
}

export interface Connection {
  readonly agent: AgentReference
  readonly identity: AgentIdentity
  /** Round-trip time of the last ping in milliseconds; undefined before the first. */
  latencyMs: number | undefined
}

/** Notified of connections and disconnections, except of connections that were replaced. */
export interface ConnectionObserver {
  connected(connection: Connection): void
  disconnected(connection: Connection): void
}

/** One connection per agent and role: a new connection replaces the previous one. */
export class ConnectedAgents<C extends Connection> {
  readonly #connections = new Map<string, C>()
  readonly #waiting = new Map<string, Set<() => void>>()

  all(): C[] {
    return [...this.#connections.values()]
  }

  find(agentId: string, role: AgentRole): C | undefined {
    return this.#connections.get(connectionKey(agentId, role))
  }

  /** @returns the replaced connection */
  add(connection: C): C | undefined {
    const key = connectionKey(connection.agent.agentId, connection.identity.role)
    const replaced = this.#connections.get(key)
    this.#connections.set(key, connection)
    for (const wake of this.#waiting.get(key) ?? []) wake()
    return replaced
  }

  /** @returns false if the connection had been replaced */
  remove(connection: C): boolean {
    const key = connectionKey(connection.agent.agentId, connection.identity.role)
    return this.#connections.get(key) === connection && this.#connections.delete(key)
  }

  /** @throws AgentError if the agent has not connected within the timeout. */
  async waitFor(agentId: string, role: AgentRole, timeoutMs: number): Promise<void> {
    if (this.find(agentId, role)) return
    const key = connectionKey(agentId, role)
    const waiting = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiting)
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        waiting.delete(wake)
        if (waiting.size === 0) this.#waiting.delete(key)
        resolve()
      }
      const timer = setTimeout(wake, timeoutMs)
      waiting.add(wake)
    })
    if (!this.find(agentId, role)) throw agentNotConnected()
  }

  /** Makes all pending `waitFor` calls fail. */
  cancelWaits(): void {
    for (const wakes of this.#waiting.values()) for (const wake of wakes) wake()
  }
}

const connectionKey = (agentId: string, role: AgentRole) => `${agentId}/${role}`
