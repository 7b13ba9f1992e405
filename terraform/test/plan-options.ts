// Plans with the `plan_options` of a run: replaced objects, targets, refresh only.

import { formatInstance, parseModulePath } from '../addresses.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type Plan, planTemplate } from '../engine/plan/plan.ts'
import type { PlanRequest } from '../engine/plan/plan-request.ts'
import type { State, StateResource } from '../engine/state/state.ts'
import type { Template } from '../engine/template/template.ts'
import type { PlanOptions } from './test-file.ts'

export async function planWithOptions(
  request: PlanRequest,
  options: PlanOptions,
): Promise<{ plan: Plan; diagnostics: Diagnostic[] }> {
  const state = request.state && taint(request.state, new Set(options.replace))
  const template = options.target.length > 0 ? narrow(request.template, options.target) : request.template
  const mode = options.mode === 'refresh-only' ? ('refresh' as const) : request.mode
  return await planTemplate({ ...request, state, template, mode })
}

/** Taints objects, so that the plan replaces them. */
function taint(state: State, replaced: ReadonlySet<string>): State {
  if (replaced.size === 0) return state
  return { ...state, resources: state.resources.map((resource) => taintInstances(resource, replaced)) }
}

function taintInstances(resource: StateResource, replaced: ReadonlySet<string>): StateResource {
  const { mode, type, name } = resource
  const address = { module: parseModulePath(resource.module ?? '') ?? [], mode, type, name }
  const instances = resource.instances.map((instance) =>
    replaced.has(formatInstance(address, instance.indexKey)) ? { ...instance, status: 'tainted' as const } : instance,
  )
  return { ...resource, instances }
}

/** Restricts the template to the targets and their dependencies. */
function narrow(template: Template, targets: readonly string[]): Template {
  const { graph } = template
  const included = new Set<string>()
  const queue = [...graph.nodes.keys()].filter((id) => targets.some((target) => isIn(id, target)))
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (included.has(id)) continue
    included.add(id)
    queue.push(...(graph.dependencies.get(id) ?? []))
  }
  // Variables are always included: they need no other values.
  const isIncluded = (id: string) => included.has(id) || graph.nodes.get(id)?.kind === 'variable'
  return { ...template, order: template.order.filter(isIncluded) }
}

/** An instance address includes all instances: which exist is known only during planning. */
function isIn(id: string, target: string): boolean {
  const block = target.replace(/\[[^\]]*\]/g, '')
  return id === block || id.startsWith(`${block}.`)
}
