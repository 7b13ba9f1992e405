// Units: named phases of scripts with dependencies between them. In memory only; reset when the services restart.
// Independent of the socket.

import type { UnitState, UnitStatus } from '../../api/agents/agent-socket.ts'

export interface Units {
  /** @throws Error for a dependency cycle. */
  want(unit: string, dependencies: readonly string[]): void
  /** Resolves when all dependencies of the unit have completed; marks it as started.
   *  @param onWait called once when it has to wait. @throws Error when it has already started */
  start(unit: string, signal: AbortSignal, onWait: (unit: UnitState) => void): Promise<void>
  /** @throws Error for a unit that is unknown or already completed. */
  complete(unit: string): void
  state(unit: string): UnitState
}

interface Unit {
  status: UnitStatus
  readonly dependencies: Set<string>
}

export function createUnits(): Units {
  const units = new Map<string, Unit>()
  const waiting = new Set<() => void>()

  const statusOf = (name: string): UnitStatus => units.get(name)?.status ?? 'not registered'

  function register(name: string): Unit {
    requireName(name)
    const unit = units.get(name) ?? { status: 'pending', dependencies: new Set() }
    units.set(name, unit)
    return unit
  }

  /** The dependency path between two units, both included; empty when there is none. */
  function findPath(from: string, to: string, seen = new Set<string>()): string[] {
    if (from === to) return [to]
    if (seen.has(from)) return []
    seen.add(from)
    for (const next of units.get(from)?.dependencies ?? []) {
      const path = findPath(next, to, seen)
      if (path.length > 0) return [from, ...path]
    }
    return []
  }

  function state(name: string): UnitState {
    const dependencies = [...(units.get(name)?.dependencies ?? [])].map((dependency) => ({
      depends_on: dependency,
      required_status: 'completed' as const,
      current_status: statusOf(dependency),
      is_satisfied: statusOf(dependency) === 'completed',
    }))
    return {
      unit_name: name,
      status: statusOf(name),
      is_ready: dependencies.every(({ is_satisfied }) => is_satisfied),
      dependencies,
    }
  }

  return {
    state,
    want(name, dependencies) {
      for (const dependency of dependencies) {
        requireName(dependency)
        const cycle = findPath(dependency, name)
        if (cycle.length > 0) throw new Error(`The unit ${name} depends on itself: ${[name, ...cycle].join(' → ')}.`)
      }
      const unit = register(name)
      for (const dependency of dependencies) unit.dependencies.add(dependency)
    },
    async start(name, signal, onWait) {
      const unit = register(name)
      if (unit.status === 'started') throw new Error(`The unit ${name} has already started.`)
      if (!state(name).is_ready) onWait(state(name))
      while (!signal.aborted && !state(name).is_ready) {
        await new Promise<void>((resolve) => {
          waiting.add(resolve)
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      }
      if (signal.aborted) return
      unit.status = 'started'
    },
    complete(name) {
      const unit = units.get(name)
      if (!unit) throw new Error(`The unit ${name} does not exist. Create it with \`start\` or \`want\`.`)
      if (unit.status === 'completed') throw new Error(`The unit ${name} has already completed.`)
      unit.status = 'completed'
      const waiters = [...waiting]
      waiting.clear()
      for (const wake of waiters) wake()
    },
  }
}

function requireName(name: string): void {
  if (name.trim() === '') throw new Error('A unit must have a name.')
}
