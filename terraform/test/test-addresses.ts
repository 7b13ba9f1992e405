// Parses addresses in test files: override targets and `expect_failures`.

import type { ModuleNames, ResourceMode } from '../addresses.ts'
import { keywordOf } from '../config/body-reader.ts'
import type { Expression } from '../hcl/ast.ts'
import { numToJs } from '../values/number.ts'

type Step = string | { readonly key: string | number }

/** Undefined if the expression is not an address. */
function stepsOf(expression: Expression): Step[] | undefined {
  if (expression.type === 'variable') return [expression.name]
  if (expression.type === 'attribute') {
    const before = stepsOf(expression.object)
    return before && [...before, expression.name]
  }
  if (expression.type !== 'index') return undefined
  const before = stepsOf(expression.collection)
  const key = keyOf(expression.key)
  return before && key !== undefined ? [...before, { key }] : undefined
}

function keyOf(expression: Expression): string | number | undefined {
  if (expression.type === 'literal' && expression.value.kind === 'number') return numToJs(expression.value.value)
  return keywordOf(expression)
}

/** The block's address, without instance keys. */
export function readResourceTarget(expression: Expression, mode: ResourceMode): string | undefined {
  const names = stepsOf(expression)?.filter((step) => typeof step === 'string') ?? []
  const modules = takeModules(names)
  const local = names.slice(modules.length * 2)
  const rest = mode === 'data' ? local.slice(1) : local[0] === 'resource' ? local.slice(1) : local
  if (rest.length !== 2 || (local[0] === 'data') !== (mode === 'data')) return undefined
  const prefix = modules.map((name) => `module.${name}.`).join('')
  return `${prefix}${mode === 'data' ? 'data.' : ''}${rest.join('.')}`
}

export function readModuleTarget(expression: Expression): ModuleNames | undefined {
  const names = stepsOf(expression)?.filter((step) => typeof step === 'string') ?? []
  const modules = takeModules(names)
  return modules.length > 0 && names.length === modules.length * 2 ? modules : undefined
}

function takeModules(names: readonly string[]): string[] {
  const [first, name, ...rest] = names
  return first === 'module' && name !== undefined ? [name, ...takeModules(rest)] : []
}

const checkableRoots: ReadonlySet<string> = new Set(['var', 'output', 'check'])

/** `var.x`, `output.x`, `check.x`, or a resource's address with an optional instance key. */
export function readExpectedFailure(expression: Expression): string | undefined {
  const steps = stepsOf(expression) ?? []
  const last = steps.at(-1)
  const key = typeof last === 'object' ? last : undefined
  const names = key ? steps.slice(0, -1) : steps
  if (names.length === 0 || !names.every((step) => typeof step === 'string')) return undefined
  const local = names[0] === 'resource' ? names.slice(1) : names
  const length = local[0] === 'data' ? 3 : 2
  if (local.length !== length || local[0] === 'module' || (key && checkableRoots.has(String(local[0]))))
    return undefined
  if (notCheckable.has(String(local[0]))) return undefined
  return local.join('.') + (key ? `[${JSON.stringify(key.key)}]` : '')
}

const notCheckable: ReadonlySet<string> = new Set([
  'local',
  'path',
  'terraform',
  'tofu',
  'each',
  'count',
  'self',
  'run',
])
