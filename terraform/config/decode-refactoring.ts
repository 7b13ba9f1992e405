// Decodes `moved`, `removed` and `import` blocks.

import type { InstanceKey, ModuleStep } from '../addresses.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Block, Expression } from '../hcl/ast.ts'
import { numToJs } from '../values/number.ts'
import { BodyReader, keywordOf } from './body-reader.ts'
import { decodeProvisioner } from './decode-resource.ts'
import { readLabels } from './labels.ts'
import type { ImportBlock, MovedBlock, RemovedBlock, TargetAddress } from './module.ts'

type Report = (diagnostic: Diagnostic) => void

export function decodeMoved(block: Block, report: Report): MovedBlock | undefined {
  if (!readLabels(block, [], report)) return undefined
  const reader = new BodyReader(block.body, 'moved', report)
  reader.allowOnly(['from', 'to'], [])
  const from = readTarget('from', reader)
  const to = readTarget('to', reader)
  const reject = (summary: string, detail: string) => {
    reader.error(block.headerRange, summary, detail)
    return undefined
  }
  if (!from || !to) return reject('Invalid "moved" address', 'Both "from" and "to" must name a resource or a module.')
  if (!from.resource !== !to.resource)
    return reject('Invalid "moved" addresses', 'Either both "from" and "to" name a resource, or both name a module.')
  return { from, to, range: block.headerRange }
}

export function decodeRemoved(block: Block, report: Report): RemovedBlock | undefined {
  if (!readLabels(block, [], report)) return undefined
  const reader = new BodyReader(block.body, 'removed', report)
  reader.allowOnly(['from'], ['lifecycle', 'provisioner'])
  const from = readTarget('from', reader)
  const expression = reader.expression('from')
  if (!from || !expression || !coversAllInstances(from, expression, reader)) return undefined
  const [lifecycle, second] = reader.blocks('lifecycle')
  if (second) reader.error(second.headerRange, 'Duplicate lifecycle block', 'Only one lifecycle block is allowed.')
  const inner = lifecycle && new BodyReader(lifecycle.body, 'lifecycle', report)
  inner?.allowOnly(['destroy'], [])
  if (!lifecycle) {
    const detail =
      'Without lifecycle { destroy = true }, the object is removed from the state but not destroyed. Set "destroy" explicitly.'
    reader.warn(block.headerRange, 'Missing lifecycle from the removed block', detail)
  }
  const provisioners = reader.blocks('provisioner').flatMap((provisioner) => {
    const decoded = decodeProvisioner(provisioner, report)
    if (!decoded.some(({ when }) => when === 'create')) return decoded
    const detail = 'Only provisioners with when = destroy run when an object is removed.'
    reader.error(provisioner.headerRange, 'Invalid "removed.provisioner" block', detail)
    return []
  })
  return { from, destroys: inner?.bool('destroy') ?? false, provisioners, range: block.headerRange }
}

/** Instances are removed together, and data is not persisted. */
function coversAllInstances(from: TargetAddress, expression: Expression, reader: BodyReader): boolean {
  if (from.resource?.mode === 'data') {
    const detail = 'Data sources are not stored in the state, so there is nothing to remove. Delete this block.'
    reader.error(expression.range, 'Data source address is not allowed', detail)
    return false
  }
  const keyRange = firstKeyOf(expression)
  if (!keyRange) return true
  const noun = from.key === undefined ? 'Module' : 'Resource'
  const detail = 'All instances are removed together. Remove the instance key.'
  reader.error(keyRange, `${noun} instance address with keys is not allowed`, detail)
  return false
}

function firstKeyOf(expression: Expression): Range | undefined {
  if (expression.type === 'attribute') return firstKeyOf(expression.object)
  return expression.type === 'index' ? (firstKeyOf(expression.collection) ?? expression.bracketRange) : undefined
}

export function decodeImport(block: Block, report: Report): ImportBlock | undefined {
  if (!readLabels(block, [], report)) return undefined
  const reader = new BodyReader(block.body, 'import', report)
  reader.allowOnly(['to', 'id', 'for_each', 'provider', 'identity'], [])
  const to = reader.required('to')
  const id = reader.expression('id')
  if (!id) {
    const detail = 'The argument "id" is required in import blocks.'
    reader.error(block.headerRange, 'Missing required import argument', detail)
  }
  const steps = to && stepsOf(to)
  const target = steps && targetOf(steps)
  if (to && !target?.resource) {
    reader.error(
      to.range,
      'Invalid import address',
      'Write the address of a resource, such as terraform_data.a or terraform_data.a["k"].',
    )
    return undefined
  }
  const key = to?.type === 'index' ? to.key : undefined
  return target && id
    ? { to: target, key, id, forEach: reader.expression('for_each'), range: block.headerRange }
    : undefined
}

function readTarget(name: string, reader: BodyReader): TargetAddress | undefined {
  const expression = reader.required(name)
  if (!expression) return undefined
  const steps = hasConstantKeys(expression) ? stepsOf(expression) : undefined
  const target = steps && targetOf(steps)
  if (target) return target
  const detail = 'Write the address of a resource or module, such as terraform_data.a or module.b.'
  if (!steps) reader.error(expression.range, 'Invalid expression', detail)
  else
    reader.error(expression.type === 'attribute' ? expression.stepRange : expression.range, 'Invalid address', detail)
  return undefined
}

function hasConstantKeys(expression: Expression): boolean {
  if (expression.type === 'attribute') return hasConstantKeys(expression.object)
  return expression.type !== 'index' || (keyOf(expression.key) !== undefined && hasConstantKeys(expression.collection))
}

interface Step {
  readonly name: string
  readonly key: InstanceKey
}

/** The names of `module.a["k"].b` with their indexes. Ignores keys that are not constant. */
function stepsOf(expression: Expression): Step[] | undefined {
  switch (expression.type) {
    case 'variable':
      return [{ name: expression.name, key: undefined }]
    case 'attribute': {
      const before = stepsOf(expression.object)
      return before && [...before, { name: expression.name, key: undefined }]
    }
    case 'index': {
      const before = stepsOf(expression.collection)
      const last = before?.pop()
      return before && last && [...before, { ...last, key: keyOf(expression.key) }]
    }
    default:
      return undefined
  }
}

function keyOf(expression: Expression): InstanceKey {
  if (expression.type === 'literal' && expression.value.kind === 'number') return numToJs(expression.value.value)
  return expression.type === 'template' ? keywordOf(expression) : undefined
}

function targetOf(steps: readonly Step[]): TargetAddress | undefined {
  const module: ModuleStep[] = []
  let at = 0
  for (; steps[at]?.name === 'module'; at += 2) {
    const call = steps[at + 1]
    if (!call) return undefined
    module.push(call)
  }
  const rest = steps.slice(at)
  if (rest.length === 0) return module.length > 0 ? { module, resource: undefined, key: undefined } : undefined
  const isData = rest[0]?.name === 'data'
  const [type, name, ...more] = isData || rest[0]?.name === 'resource' ? rest.slice(1) : rest
  if (!type || !name || more.length > 0) return undefined
  return { module, resource: { mode: isData ? 'data' : 'managed', type: type.name, name: name.name }, key: name.key }
}
