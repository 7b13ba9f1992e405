// Finds the attribute paths that a template reads, such as `docker_network.home.ipam_config[0].subnet`, including those read
// through local values, `for` variables and module outputs.

import { keywordOf } from '../config/body-reader.ts'
import { iteratorOf } from '../config/decode-body.ts'
import type { Module, ModuleNode } from '../config/module.ts'
import { moduleNodes } from '../engine/modules/module-nodes.ts'
import type { Body, Call, Expression, SplatItem, TemplatePart } from '../hcl/ast.ts'
import { childrenOf } from '../hcl/children.ts'
import { numToJs } from '../values/number.ts'

/** An attribute by name, or an element; its key is undefined if it is computed. */
export type Step = { readonly name: string } | { readonly key: string | number | undefined }

export interface Path {
  /** The module that declares the first name. */
  readonly node: ModuleNode
  readonly steps: readonly Step[]
}

type Visit = (path: Path) => void

/** The paths behind names and splats inside an expression; undefined if they cannot be followed. */
type Names = ReadonlyMap<string | SplatItem, Path | undefined>

const noNames: Names = new Map()

// The limit for chains of locals, inputs and outputs.
const maxIndirections = 8

/** Visits the paths of all modules. */
export function visitPaths(root: ModuleNode, visit: Visit): void {
  for (const node of moduleNodes(root)) {
    const inside = (expression: Expression | undefined, names = noNames) => {
      if (expression) visitPathsIn(node, expression, visit, names)
    }
    for (const expression of valueExpressions(node.module)) inside(expression)
    for (const { body, forEach } of node.module.resources.values())
      visitBody(node, body, visit, eachNames(node, forEach))
    for (const { body } of node.module.providerBlocks) visitBody(node, body, visit, noNames)
    for (const { inputs, count, forEach, enabled } of node.module.calls.values()) {
      for (const { expression } of inputs.values()) inside(expression, eachNames(node, forEach))
      for (const expression of [count, forEach, enabled]) inside(expression)
    }
  }
}

function valueExpressions({ locals, outputs, variables, checks }: Module): Expression[] {
  const rules = [
    ...[...variables.values()].flatMap(({ validations }) => validations),
    ...[...outputs.values()].flatMap(({ preconditions }) => preconditions),
    ...[...checks.values()].flatMap(({ assertions }) => assertions),
  ]
  return [
    ...[...locals.values(), ...outputs.values()].map(({ expression }) => expression),
    ...rules.flatMap(({ condition, errorMessage }) => [condition, errorMessage]),
  ]
}

/** Visits every function call in the module. */
export function visitCalls(module: Module, visit: (call: Call) => void): void {
  const inside = (expression: Expression) => {
    if (expression.type === 'call') visit(expression)
    childrenOf(expression).forEach(inside)
  }
  const insideBody = ({ attributes, blocks }: Body) => {
    for (const { expression } of attributes.values()) inside(expression)
    for (const { body } of blocks) insideBody(body)
  }
  valueExpressions(module).forEach(inside)
  for (const { body } of [...module.resources.values(), ...module.providerBlocks]) insideBody(body)
  for (const { inputs, count, forEach, enabled } of module.calls.values()) {
    for (const { expression } of inputs.values()) inside(expression)
    for (const expression of [count, forEach, enabled]) if (expression) inside(expression)
  }
}

/** Visits the paths of one expression, the longest first. */
export function visitPathsIn(node: ModuleNode, expression: Expression, visit: Visit, names = noNames): void {
  const path = pathOf(node, expression, names)
  if (path) visit(resolve(path))
  const inner = innerNames(node, expression, names)
  if (expression.type === 'template') visitParts(node, expression.parts, visit, names)
  else for (const child of childrenOf(expression)) visitPathsIn(node, child, visit, inner)
}

function visitParts(node: ModuleNode, parts: readonly TemplatePart[], visit: Visit, names: Names): void {
  for (const part of parts) {
    if (part.type === 'interpolation') visitPathsIn(node, part.expression, visit, names)
    else if (part.type === 'if') {
      visitPathsIn(node, part.condition, visit, names)
      visitParts(node, [...part.then, ...part.otherwise], visit, names)
    } else if (part.type === 'for') {
      visitPathsIn(node, part.collection, visit, names)
      visitParts(node, part.body, visit, withElement(node, names, part))
    }
  }
}

function innerNames(node: ModuleNode, expression: Expression, names: Names): Names {
  if (expression.type === 'for') return withElement(node, names, expression)
  if (expression.type !== 'splat') return names
  return new Map([...names, [expression.item, elementOf(pathOf(node, expression.source, names))]])
}

function withElement(
  node: ModuleNode,
  names: Names,
  loop: { readonly keyName: string | undefined; readonly valueName: string; readonly collection: Expression },
): Names {
  const element = elementOf(pathOf(node, loop.collection, names))
  const key = loop.keyName === undefined ? [] : [[loop.keyName, undefined] as const]
  return new Map([...names, ...key, [loop.valueName, element]])
}

const elementOf = (path: Path | undefined): Path | undefined => path && extend(path, { key: undefined })
const extend = ({ node, steps }: Path, ...more: readonly Step[]): Path => ({ node, steps: [...steps, ...more] })

function visitBody(node: ModuleNode, body: Body, visit: Visit, names: Names): void {
  for (const { expression } of body.attributes.values()) visitPathsIn(node, expression, visit, names)
  for (const block of body.blocks) {
    if (block.type !== 'dynamic') {
      visitBody(node, block.body, visit, names)
      continue
    }
    const forEach = block.body.attributes.get('for_each')?.expression
    if (forEach) visitPathsIn(node, forEach, visit, names)
    const iterator = iteratorNames(iteratorOf(block), forEach && pathOf(node, forEach, names))
    for (const content of block.body.blocks) visitBody(node, content.body, visit, new Map([...names, ...iterator]))
  }
}

const eachNames = (node: ModuleNode, forEach: Expression | undefined): Names =>
  iteratorNames('each', forEach && pathOf(node, forEach, noNames))

/** `each.value`, or the value of another iterator, is an element of the collection. */
function iteratorNames(name: string, collection: Path | undefined): Names {
  return new Map([
    [name, undefined],
    [`${name}.value`, elementOf(collection)],
  ])
}

/** Undefined if the expression is not a path. */
function pathOf(node: ModuleNode, expression: Expression, names: Names): Path | undefined {
  switch (expression.type) {
    case 'variable':
      return names.has(expression.name) ? names.get(expression.name) : { node, steps: [{ name: expression.name }] }
    case 'splat-item':
      return names.get(expression)
    case 'parentheses':
      return pathOf(node, expression.inner, names)
    case 'attribute': {
      const { object, name } = expression
      const named = object.type === 'variable' ? `${object.name}.${name}` : ''
      if (names.has(named)) return names.get(named)
      const path = pathOf(node, object, names)
      return path && extend(path, { name })
    }
    case 'index': {
      const path = pathOf(node, expression.collection, names)
      return path && extend(path, { key: keyOf(expression.key) })
    }
    case 'splat': {
      const item = elementOf(pathOf(node, expression.source, names))
      return pathOf(node, expression.each, new Map([...names, [expression.item, item]]))
    }
    case 'call':
      return pathOfCall(node, expression, names)
    default:
      return undefined
  }
}

function keyOf(expression: Expression): string | number | undefined {
  if (expression.type === 'literal' && expression.value.kind === 'number') return numToJs(expression.value.value)
  return keywordOf(expression)
}

/** The path of functions that return their first argument, or an element of it. */
function pathOfCall(node: ModuleNode, { name, args }: Expression & { type: 'call' }, names: Names): Path | undefined {
  const path = args[0] && pathOf(node, args[0], names)
  if (name === 'try' || name === 'coalesce' || name === 'values' || name === 'flatten') return path
  return name === 'one' || name === 'element' ? elementOf(path) : undefined
}

/** Follows locals, inputs and outputs to their origin. */
function resolve(path: Path, indirections = 0): Path {
  if (indirections > maxIndirections) return path
  const [first, second, ...rest] = path.steps
  const name = second && 'name' in second ? second.name : ''
  const origin = originOf(path.node, first && 'name' in first ? first.name : '', name, rest)
  const found = origin && pathOf(origin.node, origin.expression, noNames)
  return found ? resolve(extend(found, ...origin.rest), indirections + 1) : path
}

interface Origin {
  readonly node: ModuleNode
  readonly expression: Expression
  readonly rest: readonly Step[]
}

function originOf(node: ModuleNode, root: string, name: string, rest: readonly Step[]): Origin | undefined {
  const from = (at: ModuleNode, expression: Expression | undefined, left: readonly Step[]) =>
    expression && { node: at, expression, rest: left }
  if (root === 'local') return from(node, node.module.locals.get(name)?.expression, rest)
  if (root === 'var') return node.parent && from(node.parent, node.call?.inputs.get(name)?.expression, rest)
  const child = root === 'module' ? node.children.get(name) : undefined
  const [output, ...left] = withoutKeys(rest)
  return child && output && 'name' in output
    ? from(child, child.module.outputs.get(output.name)?.expression, left)
    : undefined
}

/** Removes leading instance keys. */
export function withoutKeys(steps: readonly Step[]): readonly Step[] {
  const first = steps.findIndex((step) => 'name' in step)
  return first === -1 ? [] : steps.slice(first)
}
