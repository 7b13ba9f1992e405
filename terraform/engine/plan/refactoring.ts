// Applies `moved` blocks to the state before planning, finds the `removed` block of an object, and checks both against the
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
import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import type { Range } from '../../diagnostics/source.ts'
import { moduleNodes } from '../modules/module-nodes.ts'
import type { StateObject, WorkingState } from '../state/working-state.ts'
import type { Template } from '../template/template.ts'

interface Statement<T> {
  readonly node: ModuleNode
  readonly block: T
}

interface ObjectAddress {
  readonly address: ResourceAddress
  readonly key: InstanceKey
}

/** Moves objects by `moved` blocks, and those whose block gained or lost `count`. */
export function moveObjects(template: Template, working: WorkingState): Diagnostic[] {
  const { root } = template
  const statements = statementsOf(root, (node) => node.module.moved)
  const diagnostics = checkMoves(template)
  if (diagnostics.length > 0) return diagnostics
  for (const object of working.objects()) {
    const moved = impliedMove(followMoves(addressOf(object), statements), root, working)
    if (formatInstance(moved.address, moved.key) === formatInstance(object.address, object.instance.indexKey)) continue
    if (object.instance.deposed === undefined && working.get(moved.address, moved.key)) {
      const detail = `${formatInstance(object.address, object.instance.indexKey)} cannot be moved to ${formatInstance(moved.address, moved.key)}, which exists already. It keeps its address.`
      diagnostics.push({ severity: 'warning', summary: 'Unresolved resource instance address changes', detail })
    } else {
      working.move(object, moved.address, moved.key)
    }
  }
  return diagnostics
}

/** Checks the `moved` blocks, independently of the state. */
export function checkMoves({ root }: Template): Diagnostic[] {
  const statements = statementsOf(root, (node) => node.module.moved)
  return [...statements.flatMap(checkMove), ...findAmbiguousMoves(statements), ...findMoveCycles(statements)]
}

const addressOf = ({ address, instance }: StateObject): ObjectAddress => ({ address, key: instance.indexKey })

function statementsOf<T>(root: ModuleNode, blocksOf: (node: ModuleNode) => readonly T[]): Statement<T>[] {
  return moduleNodes(root).flatMap((node) => blocksOf(node).map((block) => ({ node, block })))
}

function checkMove({ node, block }: Statement<MovedBlock>): Diagnostic[] {
  const { from, to, range } = block
  if (JSON.stringify(from) === JSON.stringify(to)) {
    const detail = `${nameTarget(node, from)} already has this address. Remove the block.`
    return [errorAt(range, 'Redundant move statement', detail)]
  }
  const isOneInstance = [...from.module, ...to.module, from, to].some(({ key }) => key !== undefined)
  if (isOneInstance || !isDeclared(node, from)) return []
  return [stillDeclaredError(range, 'Moved object still exists', node, from)]
}

/** Each address may be the source of one move and the target of one. */
function findAmbiguousMoves(statements: readonly Statement<MovedBlock>[]): Diagnostic[] {
  const [sources, targets] = [new Set<string>(), new Set<string>()]
  return statements.flatMap(({ node, block }) => {
    const [from, to] = [block.from, block.to].map((target) => JSON.stringify([node.names, target])) as [string, string]
    const isAmbiguous = sources.has(from) || targets.has(to)
    const detail = `Another moved block has the address ${nameTarget(node, sources.has(from) ? block.from : block.to)} too. Remove one of the blocks.`
    sources.add(from)
    targets.add(to)
    return isAmbiguous ? [errorAt(block.range, 'Ambiguous move statements', detail)] : []
  })
}

function findMoveCycles(statements: readonly Statement<MovedBlock>[]): Diagnostic[] {
  const next = new Map(
    statements.map(({ node, block }) => [
      JSON.stringify([node.names, block.from]),
      { to: JSON.stringify([node.names, block.to]), range: block.range },
    ]),
  )
  for (const start of next.keys()) {
    const visited = new Set<string>()
    for (let at = next.get(start); at; at = next.get(at.to)) {
      if (at.to === start) {
        const detail = 'The moved blocks form a cycle. Remove one of them.'
        return [errorAt(at.range, 'Cyclic dependency in move statements', detail)]
      }
      if (visited.has(at.to)) break
      visited.add(at.to)
    }
  }
  return []
}

function stillDeclaredError(range: Range, summary: string, node: ModuleNode, from: TargetAddress): Diagnostic {
  const detail = `${nameTarget(node, from)} is still declared. Remove its block, or this one.`
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

/** Follows chains of moves. Uses each statement once, so that it ends. */
function followMoves(start: ObjectAddress, statements: readonly Statement<MovedBlock>[]): ObjectAddress {
  const unused = new Set(statements)
  let current = start
  for (;;) {
    let moved: ObjectAddress | undefined
    for (const statement of unused) {
      moved = move(current, statement)
      if (!moved) continue
      unused.delete(statement)
      break
    }
    if (!moved) return current
    current = moved
  }
}

/** The object's new address; undefined if the statement does not apply to it. */
function move({ address, key }: ObjectAddress, { node, block }: Statement<MovedBlock>): ObjectAddress | undefined {
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

/** Without keys on both sides, all instances move and keep their keys; otherwise one instance moves. */
function moveKey(key: InstanceKey, from: InstanceKey, to: InstanceKey): { key: InstanceKey } | undefined {
  if (from === undefined && to === undefined) return { key }
  return key === from ? { key: to } : undefined
}

/** The rest of the path inside the module; undefined if the path is not in it. Ignores instance keys. */
function innerPath(path: ModulePath, names: ModuleNames): ModulePath | undefined {
  return names.every((name, index) => path[index]?.name === name) ? path.slice(names.length) : undefined
}

const isSamePath = (a: ModulePath, b: ModulePath) =>
  a.length === b.length && a.every((step, index) => step.name === b[index]?.name && step.key === b[index]?.key)

const isSameResource = ({ mode, type, name }: ResourceAddress, { resource }: TargetAddress) =>
  resource?.mode === mode && resource.type === type && resource.name === name

/** The move implied by adding or removing `count`: between no key and [0]. */
function impliedMove(object: ObjectAddress, root: ModuleNode, working: WorkingState): ObjectAddress {
  let node: ModuleNode | undefined = root
  const module: ModuleStep[] = []
  for (const step of object.address.module) {
    const call: Repetition | undefined = node?.module.calls.get(step.name)
    module.push({ ...step, key: impliedKey(step.key, call) })
    node = node?.children.get(step.name)
  }
  const block = node?.module.resources.get(formatLocalResource(object.address))
  const moved = { address: { ...object.address, module }, key: impliedKey(object.key, block) }
  return working.get(moved.address, moved.key) ? object : moved
}

type Repetition = Pick<ResourceBlock, 'count' | 'forEach'>

function impliedKey(key: InstanceKey, block: Repetition | undefined): InstanceKey {
  if (!block || block.forEach || (key !== undefined && key !== 0)) return key
  return block.count ? 0 : undefined
}

export interface Removals {
  readonly diagnostics: readonly Diagnostic[]
  /** The `removed` block of an object. */
  find(address: ResourceAddress): RemovedBlock | undefined
}

export function readRemovals({ root }: Template): Removals {
  const statements = statementsOf(root, (node) => node.module.removed)
  const diagnostics = statements
    .filter(({ node, block }) => isDeclared(node, block.from))
    .map(({ node, block }) =>
      stillDeclaredError(
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
