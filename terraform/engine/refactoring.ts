// What `moved` and `removed` blocks make of the state before anything is planned, and which of them contradict the
// configuration.

import {
  formatBlock,
  formatInstance,
  formatLocalResource,
  type InstanceKey,
  type ModuleNames,
  type ModulePath,
  modulePrefix,
  type ResourceAddress,
} from '../addresses.ts'
import type { ModuleNode, MovedBlock, RemovedBlock, TargetAddress } from '../config/module.ts'
import { type Diagnostic, errorAt, type Range } from '../diagnostics.ts'
import { moduleNodes, type Template } from './template.ts'
import type { StateObject, WorkingState } from './working-state.ts'

interface Statement<T> {
  readonly node: ModuleNode
  readonly block: T
}

interface Place {
  readonly address: ResourceAddress
  readonly key: InstanceKey
}

/** Renames the objects that `moved` blocks name, and those whose block got or lost its `count`. */
export function moveObjects({ root }: Template, working: WorkingState): Diagnostic[] {
  const statements = statementsOf(root, (node) => node.module.moved)
  const diagnostics = statements.flatMap(contradiction)
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
export const refusedMoves = ({ root }: Template): Diagnostic[] =>
  statementsOf(root, (node) => node.module.moved).flatMap(contradiction)

const placeOf = ({ address, instance }: StateObject): Place => ({ address, key: instance.indexKey })

function statementsOf<T>(root: ModuleNode, blocksOf: (node: ModuleNode) => readonly T[]): Statement<T>[] {
  return moduleNodes(root).flatMap((node) => blocksOf(node).map((block) => ({ node, block })))
}

function contradiction({ node, block }: Statement<MovedBlock>): Diagnostic[] {
  const { from, to, range } = block
  if (from.resource && to.resource && from.resource.type !== to.resource.type) {
    const detail = `An object of type ${from.resource.type} can not become one of type ${to.resource.type}.`
    return [errorAt(range, 'Resource type mismatch', detail)]
  }
  if (from.key !== undefined || to.key !== undefined || !isDeclared(node, from)) return []
  return [stillThere(range, 'Moved object still exists', node, from)]
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

/** A block that got `count` keeps its object as [0], and the other way round. */
function impliedMove(place: Place, root: ModuleNode, working: WorkingState): Place {
  const { address, key } = place
  if (key !== undefined && key !== 0) return place
  let node: ModuleNode | undefined = root
  for (const { name } of address.module) node = node?.children.get(name)
  const block = node?.module.resources.get(formatLocalResource(address))
  if (!block || block.forEach) return place
  const wanted = block.count ? 0 : undefined
  return key !== wanted && !working.get(address, wanted) ? { address, key: wanted } : place
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
    .map(({ node, block }) => stillThere(block.range, 'Removed resource still exists', node, block.from))
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
