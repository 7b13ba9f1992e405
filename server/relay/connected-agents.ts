// Which agents are connected at the moment, and those who wait for one. Kept in the relay with their sessions, and once more
// in coderd, which asks about them on every page.

import type { AgentIdentity, AgentRole } from '../../api/agents/agent-protocol.ts'
import { agentIsAway } from './agent-error.ts'

/** Whose connection it is. */
export interface AgentOfWorkspace {
  readonly agentId: string
  readonly workspaceId: string
}

export interface Connection {
  readonly agent: AgentOfWorkspace
  readonly identity: AgentIdentity
  /** How long the last ping was under way, in milliseconds; undefined before the first is answered. */
  latencyMs: number | undefined
}

/** Hears who comes and goes; not of one that another took the place of. */
export interface ConnectionObserver {
  connected(connection: Connection): void
  disconnected(connection: Connection): void
}

/** One connection per agent and role: a later one takes the place of an earlier. */
export class ConnectedAgents<C extends Connection> {
  readonly #connections = new Map<string, C>()
  readonly #waiting = new Map<string, Set<() => void>>()

  all(): C[] {
    return [...this.#connections.values()]
  }

  find(agentId: string, role: AgentRole): C | undefined {
    return this.#connections.get(keyOf(agentId, role))
  }

  /** @returns the one it takes the place of */
  add(connection: C): C | undefined {
    const key = keyOf(connection.agent.agentId, connection.identity.role)
    const replaced = this.#connections.get(key)
    this.#connections.set(key, connection)
    for (const wake of this.#waiting.get(key) ?? []) wake()
    return replaced
  }

  /** @returns false when it had been replaced */
  remove(connection: C): boolean {
    const key = keyOf(connection.agent.agentId, connection.identity.role)
    return this.#connections.get(key) === connection && this.#connections.delete(key)
  }

  /** @throws AgentError when the agent has not come within the time. */
  async waitFor(agentId: string, role: AgentRole, timeoutMs: number): Promise<void> {
    if (this.find(agentId, role)) return
    const key = keyOf(agentId, role)
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
    if (!this.find(agentId, role)) throw agentIsAway()
  }

  /** Nobody waits any longer. */
  stopWaiting(): void {
    for (const wakes of this.#waiting.values()) for (const wake of wakes) wake()
  }
}

const keyOf = (agentId: string, role: AgentRole) => `${agentId}/${role}`
