// Checks the blocks of the `coder` provider against each other, without evaluating resources: agents that no resource
// refers to, presets with values of unknown parameters, apps with the same slug.

import { formatBlock } from '../addresses.ts'
import type { ModuleNode, ResourceBlock } from '../config/module.ts'
import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import { dependentsOf, nodeId } from '../engine/graph/graph.ts'
import { moduleNodes } from '../engine/modules/module-nodes.ts'
import { StaticScope } from '../engine/modules/static-scope.ts'
import type { Template } from '../engine/template/template.ts'
import { evaluate } from '../lang/evaluator/evaluate.ts'
import type { Value } from '../values/value.ts'

interface FoundBlock {
  readonly block: ResourceBlock
  readonly node: ModuleNode
}

export function checkCoderBlocks(template: Template): Diagnostic[] {
  const all = moduleNodes(template.root).flatMap((node) =>
    [...node.module.resources.values()].map((block) => ({ block, node })),
  )
  const ofType = (mode: 'managed' | 'data', type: string) =>
    all.filter(({ block: { address } }) => address.mode === mode && address.type === type)
  return [
    ...findUnattachedAgents(ofType('managed', 'coder_agent'), template),
    ...checkPresets(ofType('data', 'coder_workspace_preset'), ofType('data', 'coder_parameter')),
    ...findDuplicateSlugs(ofType('managed', 'coder_app')),
  ]
}

/** coderd knows only agents that a resource refers to, because nothing would start the others. */
function findUnattachedAgents(agents: readonly FoundBlock[], { graph }: Template): Diagnostic[] {
  if (agents.length === 0) return []
  const dependents = dependentsOf(graph)
  const mayHostAgent = (id: string) => {
    const found = graph.nodes.get(id)
    // A module that is not available may contain the resource.
    if (found?.kind === 'call') return !found.module.children.has(found.name)
    const block = found?.kind === 'resource' ? found.module.module.resources.get(found.name) : undefined
    if (block?.address.mode !== 'managed') return false
    return !block.address.type.startsWith('coder_') || block.address.type === 'coder_external_agent'
  }
  const isAttached = (id: string) => {
    const visited = new Set([id])
    for (const next of visited) {
      if (mayHostAgent(next)) return true
      for (const dependent of dependents.get(next) ?? []) visited.add(dependent)
    }
    return false
  }
  return agents
    .filter(({ block, node }) => !isAttached(nodeId(node, 'resource', formatBlock(block.address))))
    .map(({ block: { address, range } }) => {
      const detail = `No resource refers to the agent "${address.name}", so workspaces do not have it. Use its token or init_script in the resource that runs it.`
      return { severity: 'warning', summary: 'Agent without a resource', detail, range }
    })
}

function checkPresets(presets: readonly FoundBlock[], parameters: readonly FoundBlock[]): Diagnostic[] {
  const names = parameters.map((found) => staticTextOf(found, 'name'))
  // Unknown names may be those that the presets use.
  if (names.includes(undefined)) return []
  return presets.flatMap((found) => {
    const values = staticValueOf(found, 'parameters')
    if (values?.kind !== 'object' && values?.kind !== 'map') return []
    return [...values.entries.keys()]
      .filter((name) => !names.includes(name))
      .map((name): Diagnostic => {
        const known = names.filter((known) => known !== undefined)
        const detail = `The template has no parameter "${name}", so the preset's value has no effect.${didYouMean(name, known)}`
        const range = found.block.body.attributes.get('parameters')?.expression.range ?? found.block.range
        return { severity: 'warning', summary: 'Preset of an unknown parameter', detail, range }
      })
  })
}

/** Blocks with a condition may exclude each other, so only the others are compared. */
function findDuplicateSlugs(apps: readonly FoundBlock[]): Diagnostic[] {
  const slugs = new Set<string>()
  return apps.filter(isUnconditional).flatMap((found) => {
    const slug = staticTextOf(found, 'slug')
    if (slug === undefined) return []
    if (slugs.has(slug)) return [duplicateSlug(slug, found.block)]
    slugs.add(slug)
    return []
  })
}

const duplicateSlug = (slug: string, { range }: ResourceBlock) =>
  errorAt(range, 'Duplicate app slug', `There is more than one app slug "${slug}". Each needs a unique name.`)

function isUnconditional({ block, node }: FoundBlock): boolean {
  if (block.count || block.forEach || block.enabled) return false
  for (let at: ModuleNode | undefined = node; at?.call; at = at.parent)
    if (at.call.count || at.call.forEach || at.call.enabled) return false
  return true
}

function staticTextOf(found: FoundBlock, name: string): string | undefined {
  const value = staticValueOf(found, name)
  return value?.kind === 'string' ? value.value : undefined
}

/** The value of an argument; undefined if it is not static. */
function staticValueOf({ block, node }: FoundBlock, name: string): Value | undefined {
  const expression = block.body.attributes.get(name)?.expression
  if (!expression) return undefined
  const { value, diagnostics } = evaluate(expression, new StaticScope(node))
  return diagnostics.length === 0 ? value : undefined
}
