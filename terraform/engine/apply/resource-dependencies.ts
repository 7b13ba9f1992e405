// Dependencies between resources, by address without instance key: from the configuration and from the state.

import { formatBlock } from '../../addresses.ts'
import type { InstancePlan } from '../plan/instance-plan.ts'

export type ResourceDependencies = ReadonlyMap<string, ReadonlySet<string>>

/** Actions that destroy or forget an object. */
export const destroyActions: ReadonlySet<string> = new Set(['delete', 'forget', 'replace'])

/** Everything that a resource depends on, directly or indirectly. */
export function transitiveDependencies(dependencies: ResourceDependencies, name: string): ReadonlySet<string> {
  const found = new Set<string>()
  const queue = [...(dependencies.get(name) ?? [])]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue
    found.add(next)
    queue.push(...(dependencies.get(next) ?? []))
  }
  return found
}

/** Adds the dependencies that the state records for objects to be destroyed. */
export function withStoredDependencies(
  configured: ResourceDependencies,
  instances: readonly InstancePlan[],
): ResourceDependencies {
  const dependencies = new Map(configured)
  for (const { address, stored, action } of instances) {
    if (!stored || !destroyActions.has(action)) continue
    const name = formatBlock(address)
    const existing = dependencies.get(name)
    if (!existing || stored.instance.dependencies.some((dependency) => !existing.has(dependency)))
      dependencies.set(name, new Set([...(existing ?? []), ...stored.instance.dependencies]))
  }
  return dependencies
}

export function dependentsByResource(dependencies: ResourceDependencies): ReadonlyMap<string, string[]> {
  const dependents = new Map<string, string[]>()
  for (const [name, targets] of dependencies) {
    for (const target of targets) {
      const list = dependents.get(target)
      if (list) list.push(name)
      else dependents.set(target, [name])
    }
  }
  return dependents
}
