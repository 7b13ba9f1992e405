// Plans as `plan_options` of a run ask for it: with objects to be replaced, for a part of the module only, or only to
// see what has become of what there is.

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

/** What is tainted is replaced by the next plan. */
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

/** The nodes of the graph that are meant, and all that they need. */
function narrow(template: Template, targets: readonly string[]): Template {
  const { graph } = template
  const kept = new Set<string>()
  const queue = [...graph.nodes.keys()].filter((id) => targets.some((target) => isIn(id, target)))
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (kept.has(id)) continue
    kept.add(id)
    queue.push(...(graph.dependencies.get(id) ?? []))
  }
  // What a target leaves without its value is not computed either.
  const isKept = (id: string) => kept.has(id) || graph.nodes.get(id)?.kind === 'variable'
  return { ...template, order: template.order.filter(isKept) }
}

/** An instance is as good as all of them: which there are is only known when they are planned. */
function isIn(id: string, target: string): boolean {
  const block = target.replace(/\[[^\]]*\]/g, '')
  return id === block || id.startsWith(`${block}.`)
}
