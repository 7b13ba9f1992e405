// What `moved` and `removed` blocks make of the state before anything is planned, and which of them contradict the
// configuration.

import {
  formatBlock,
  formatInstance,
  formatLocalResource,
  type InstanceKey,
  type ModuleNames,
  type ModulePath,
  type ModuleStep,
  modulePrefix,
  type ResourceAddress,
} from '../../addresses.ts'
import type { ModuleNode, MovedBlock, RemovedBlock, ResourceBlock, TargetAddress } from '../../config/module.ts'
import { type Diagnostic, errorAt, type Range } from '../../diagnostics.ts'
import { moduleNodes } from '../modules/module-nodes.ts'
import type { StateObject, WorkingState } from '../state/working-state.ts'
import type { Template } from '../template/template.ts'

interface Statement<T> {
  readonly node: ModuleNode
  readonly block: T
}

interface Place {
  readonly address: ResourceAddress
  readonly key: InstanceKey
}

/** Renames the objects that `moved` blocks name, and those whose block got or lost its `count`. */
export function moveObjects(template: Template, working: WorkingState): Diagnostic[] {
  const { root } = template
  const statements = statementsOf(root, (node) => node.module.moved)
  const diagnostics = refusedMoves(template)
  if (diagnostics.length > 0) return diagnostics
  for (const object of working.objects()) {
    const moved = impliedMove(followMoves(placeOf(object), statements), root, working)
    if (formatInstance(moved.address, moved.key) === formatInstance(object.address, object.instance.indexKey)) continue
    if (object.instance.deposed === undefined && working.get(moved.address, moved.key)) {
      const detail = `${formatInstance(object.address, object.instance.indexKey)} should become ${formatInstance(moved.address, moved.key)}, which exists already; it stays what it is.`
      diagnostics.push({ severity: 'warning', summary: 'Unresolved resource instance address changes', detail })
    } else {
      working.move(object, moved.address, moved.key)
    }
  }
  return diagnostics
}

/** What is wrong with the `moved` blocks themselves. */
export function refusedMoves({ root }: Template): Diagnostic[] {
  const statements = statementsOf(root, (node) => node.module.moved)
  return [...statements.flatMap(contradiction), ...ambiguities(statements), ...circles(statements)]
}

const placeOf = ({ address, instance }: StateObject): Place => ({ address, key: instance.indexKey })

function statementsOf<T>(root: ModuleNode, blocksOf: (node: ModuleNode) => readonly T[]): Statement<T>[] {
  return moduleNodes(root).flatMap((node) => blocksOf(node).map((block) => ({ node, block })))
}

function contradiction({ node, block }: Statement<MovedBlock>): Diagnostic[] {
  const { from, to, range } = block
  if (JSON.stringify(from) === JSON.stringify(to)) {
    const detail = `${nameTarget(node, from)} already has this name. Take the block out.`
    return [errorAt(range, 'Redundant move statement', detail)]
  }
  const isOfOne = [...from.module, ...to.module, from, to].some(({ key }) => key !== undefined)
  if (isOfOne || !isDeclared(node, from)) return []
  return [stillThere(range, 'Moved object still exists', node, from)]
}

/** No object can become two, and no two can become one. */
function ambiguities(statements: readonly Statement<MovedBlock>[]): Diagnostic[] {
  const [seenFrom, seenTo] = [new Set<string>(), new Set<string>()]
  return statements.flatMap(({ node, block }) => {
    const [from, to] = [block.from, block.to].map((target) => JSON.stringify([node.names, target])) as [string, string]
    const isTwice = seenFrom.has(from) || seenTo.has(to)
    const detail = `Another moved block speaks of ${nameTarget(node, seenFrom.has(from) ? block.from : block.to)} too, so it is not clear which object is meant.`
    seenFrom.add(from)
    seenTo.add(to)
    return isTwice ? [errorAt(block.range, 'Ambiguous move statements', detail)] : []
  })
}

function circles(statements: readonly Statement<MovedBlock>[]): Diagnostic[] {
  const next = new Map(
    statements.map(({ node, block }) => [
      JSON.stringify([node.names, block.from]),
      { to: JSON.stringify([node.names, block.to]), range: block.range },
    ]),
  )
  for (const start of next.keys()) {
    const seen = new Set<string>()
    for (let at = next.get(start); at; at = next.get(at.to)) {
      if (at.to === start) {
        const detail = 'The moved blocks lead in a circle, so that no object has a last name. Take one of them out.'
        return [errorAt(at.range, 'Cyclic dependency in move statements', detail)]
      }
      if (seen.has(at.to)) break
      seen.add(at.to)
    }
  }
  return []
}

function stillThere(range: Range, summary: string, node: ModuleNode, from: TargetAddress): Diagnostic {
  const detail = `${nameTarget(node, from)} is still declared. Take its block out, or the one that says it is gone.`
  return errorAt(range, summary, detail)
}

function nameTarget(node: ModuleNode, { module, resource }: TargetAddress): string {
  const names = [...node.names, ...module.map(({ name }) => name)]
  return resource
    ? modulePrefix(names) + formatLocalResource({ ...resource, module: [] })
    : modulePrefix(names).slice(0, -1)
}

function isDeclared(node: ModuleNode, { module, resource }: TargetAddress): boolean {
  let at: ModuleNode | undefined = node
  for (const { name, key } of module) at = key === undefined ? at?.children.get(name) : undefined
  return at !== undefined && (!resource || at.module.resources.has(formatLocalResource({ ...resource, module: [] })))
}

/** Moves may follow each other; each is used once, so that none goes in circles. */
function followMoves(start: Place, statements: readonly Statement<MovedBlock>[]): Place {
  const unused = new Set(statements)
  let place = start
  for (;;) {
    let moved: Place | undefined
    for (const statement of unused) {
      moved = move(place, statement)
      if (!moved) continue
      unused.delete(statement)
      break
    }
    if (!moved) return place
    place = moved
  }
}

function move({ address, key }: Place, { node, block }: Statement<MovedBlock>): Place | undefined {
  const inner = innerPath(address.module, node.names)
  if (!inner) return undefined
  const { from, to } = block
  const outer = address.module.slice(0, node.names.length)
  if (from.resource && to.resource) {
    if (!isSameResource(address, from) || !isSamePath(inner, from.module)) return undefined
    const newKey = moveKey(key, from.key, to.key)
    return newKey && { address: { ...to.resource, module: [...outer, ...to.module] }, key: newKey.key }
  }
  const last = from.module.length - 1
  const [fromLast, toLast, step] = [from.module[last], to.module.at(-1), inner[last]]
  if (!fromLast || !toLast || step?.name !== fromLast.name) return undefined
  if (!isSamePath(inner.slice(0, last), from.module.slice(0, last))) return undefined
  const newKey = moveKey(step.key, fromLast.key, toLast.key)
  if (!newKey) return undefined
  const module = [...outer, ...to.module.slice(0, -1), { ...toLast, ...newKey }, ...inner.slice(last + 1)]
  return { address: { ...address, module }, key }
}

/** Without keys on both sides all instances keep theirs; else only the one instance is meant. */
function moveKey(key: InstanceKey, from: InstanceKey, to: InstanceKey): { key: InstanceKey } | undefined {
  if (from === undefined && to === undefined) return { key }
  return key === from ? { key: to } : undefined
}

/** What of the path lies inside of the module, whatever the instance of that. */
function innerPath(path: ModulePath, names: ModuleNames): ModulePath | undefined {
  return names.every((name, index) => path[index]?.name === name) ? path.slice(names.length) : undefined
}

const isSamePath = (a: ModulePath, b: ModulePath) =>
  a.length === b.length && a.every((step, index) => step.name === b[index]?.name && step.key === b[index]?.key)

const isSameResource = ({ mode, type, name }: ResourceAddress, { resource }: TargetAddress) =>
  resource?.mode === mode && resource.type === type && resource.name === name

/** A block or a module that got `count` keeps what it has as [0], and the other way round. */
function impliedMove(place: Place, root: ModuleNode, working: WorkingState): Place {
  let node: ModuleNode | undefined = root
  const module: ModuleStep[] = []
  for (const step of place.address.module) {
    const call: Repeated | undefined = node?.module.calls.get(step.name)
    module.push({ ...step, key: impliedKey(step.key, call) })
    node = node?.children.get(step.name)
  }
  const block = node?.module.resources.get(formatLocalResource(place.address))
  const moved = { address: { ...place.address, module }, key: impliedKey(place.key, block) }
  return working.get(moved.address, moved.key) ? place : moved
}

type Repeated = Pick<ResourceBlock, 'count' | 'forEach'>

function impliedKey(key: InstanceKey, block: Repeated | undefined): InstanceKey {
  if (!block || block.forEach || (key !== undefined && key !== 0)) return key
  return block.count ? 0 : undefined
}

export interface Removals {
  readonly diagnostics: readonly Diagnostic[]
  /** The block that says what becomes of an object without a block of its own. */
  find(address: ResourceAddress): RemovedBlock | undefined
}

export function readRemovals({ root }: Template): Removals {
  const statements = statementsOf(root, (node) => node.module.removed)
  const diagnostics = statements
    .filter(({ node, block }) => isDeclared(node, block.from))
    .map(({ node, block }) =>
      stillThere(
        block.range,
        `Removed ${block.from.resource ? 'resource' : 'module'} block still exists`,
        node,
        block.from,
      ),
    )
  return {
    diagnostics,
    find: (address) => statements.find((statement) => isRemoved(address, statement))?.block,
  }
}

function isRemoved(address: ResourceAddress, { node, block: { from } }: Statement<RemovedBlock>): boolean {
  const names = [...node.names, ...from.module.map(({ name }) => name)]
  const inner = innerPath(address.module, names)
  if (!inner || !from.resource) return inner !== undefined
  return inner.length === 0 && formatBlock({ ...from.resource, module: [] }) === formatLocalResource(address)
}
