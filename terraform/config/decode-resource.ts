// Decodes the meta-arguments of `resource` and `data` blocks.

import type { ResourceMode } from '../addresses.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Attribute, Block, Expression, Label } from '../hcl/ast.ts'
import { primitiveText } from '../values/value.ts'
import { BodyReader, keywordOf } from './body-reader.ts'
import { checkName, readLabels } from './labels.ts'
import type {
  Condition,
  EphemeralBlock,
  IgnoredPath,
  Lifecycle,
  ProviderReference,
  Provisioner,
  ResourceBlock,
} from './module.ts'

type Report = (diagnostic: Diagnostic) => void

export function decodeResource(block: Block, mode: ResourceMode, report: Report): ResourceBlock | undefined {
  const labels = readLabels(block, ['type', 'name'], report)
  if (!labels) return undefined
  const [type, name] = block.labels as readonly [Label, Label]
  const noun = mode === 'data' ? 'data source' : 'resource'
  if (!checkName(block, 0, `Invalid ${noun} type`, report) || !checkName(block, 1, `Invalid ${noun} name`, report))
    return undefined
  const reader = new BodyReader(block.body, `${block.type} "${type.text}"`, report)
  rejectCombinations(block, reader)
  reader.escapingBlock()
  if (mode === 'data') rejectProvisioners(reader)
  const [, secondConnection] = reader.blocks('connection')
  if (secondConnection) {
    const detail = 'A resource can have only one connection block.'
    reader.error(secondConnection.headerRange, 'Duplicate connection block', detail)
  }
  const provider = { name: type.text.split('_')[0] ?? type.text, alias: undefined, key: undefined, range: type.range }
  return {
    address: { module: [], mode, type: type.text, name: name.text },
    typeRange: type.range,
    body: block.body,
    count: reader.expression('count'),
    // If an override file results in both, Terraform uses `count`.
    forEach: reader.expression('count') ? undefined : reader.expression('for_each'),
    enabled: lifecycleArgument(block, 'enabled')?.expression,
    provider: readProviderArgument(reader) ?? provider,
    dependsOn: reader.dependsOn(),
    lifecycle: decodeLifecycle(reader, mode, report),
    provisioners:
      mode === 'managed' ? reader.blocks('provisioner').flatMap((inner) => decodeProvisioner(inner, report)) : [],
    range: block.headerRange,
  }
}

export function decodeEphemeral(block: Block, report: Report): EphemeralBlock | undefined {
  if (!readLabels(block, ['type', 'name'], report)) return undefined
  const [type] = block.labels as readonly [Label, Label]
  if (!checkName(block, 1, 'Invalid ephemeral resource name', report)) return undefined
  const reader = new BodyReader(block.body, `ephemeral "${type.text}"`, report)
  rejectCombinations(block, reader)
  rejectPersistentBlocks(reader)
  const provider = { name: type.text.split('_')[0] ?? type.text, alias: undefined, key: undefined, range: type.range }
  return {
    type: type.text,
    typeRange: type.range,
    provider: readProviderArgument(reader) ?? provider,
    body: block.body,
    count: reader.expression('count'),
    forEach: reader.expression('for_each'),
    range: block.headerRange,
  }
}

/** Settings of managed objects. */
function rejectPersistentBlocks(reader: BodyReader): void {
  for (const block of [...reader.blocks('provisioner'), ...reader.blocks('connection')]) {
    const detail = `Blocks of type "${block.type}" are for resources.`
    reader.error(block.headerRange, 'Invalid configuration block for ephemeral resource', detail)
  }
  for (const block of reader.blocks('lifecycle')) {
    for (const name of block.body.attributes.keys()) {
      if (name === 'enabled' || !lifecycleArguments.includes(name)) continue
      const detail = `"${name}" applies only to persistent objects.`
      reader.error(block.headerRange, 'Invalid lifecycle configuration for ephemeral resource', detail)
    }
  }
}

/** Data sources create nothing, so provisioners do not apply. */
function rejectProvisioners(reader: BodyReader): void {
  for (const block of [...reader.blocks('provisioner'), ...reader.blocks('connection')]) {
    const detail = `Blocks of type "${block.type}" are for resources.`
    reader.error(block.typeRange, 'Unsupported block type', detail)
  }
}

/** `count`, `for_each` and `enabled` are mutually exclusive. */
export function rejectCombinations(block: Block, reader: BodyReader): void {
  const { attributes } = block.body
  const counts = [attributes.get('count'), attributes.get('for_each'), lifecycleArgument(block, 'enabled')]
  const [first, second] = counts.filter((attribute) => attribute !== undefined)
  // An override file may use another of them.
  if (!first || !second || first.nameRange.file !== second.nameRange.file) return
  const range = { ...first.nameRange, end: Math.max(first.nameRange.end, second.nameRange.end) }
  reader.error(
    { ...range, start: Math.min(first.nameRange.start, second.nameRange.start) },
    `Invalid combination of "${first.name}" and "${second.name}"`,
    'Only one of these arguments can set the number of instances.',
  )
}

function readProviderArgument(reader: BodyReader): ProviderReference | undefined {
  const expression = reader.expression('provider')
  return expression && readProviderReference(reader.unquote(expression), reader)
}

/** `aws`, `aws.west` or `aws.west["key"]`. */
export function readProviderReference(expression: Expression, reader: BodyReader): ProviderReference | undefined {
  if (expression.type === 'index') {
    const reference = readProviderReference(expression.collection, reader)
    return reference && { ...reference, key: expression.key }
  }
  const { range } = expression
  if (expression.type === 'attribute') {
    const name = keywordOf(expression.object)
    if (name !== undefined) return { name, alias: expression.name, key: undefined, range }
  }
  const [name, alias, ...more] = keywordOf(expression)?.split('.') ?? []
  if (name !== undefined && name !== '' && more.length === 0) return { name, alias, key: undefined, range }
  const detail = 'Write the name of a provider, or name.alias.'
  reader.error(range, 'Invalid provider configuration reference', detail)
  return undefined
}

export const lifecycleArgument = (block: Block, name: string): Attribute | undefined =>
  block.body.blocks.find(({ type }) => type === 'lifecycle')?.body.attributes.get(name)

const lifecycleArguments = [
  'create_before_destroy',
  'prevent_destroy',
  'ignore_changes',
  'replace_triggered_by',
  'enabled',
  'destroy',
]

const plainLifecycle: Lifecycle = {
  createBeforeDestroy: false,
  preventDestroy: undefined,
  skipsDestroy: false,
  ignoreChanges: [],
  replaceTriggeredBy: [],
  preconditions: [],
  postconditions: [],
}

function decodeLifecycle(resource: BodyReader, mode: ResourceMode, report: Report): Lifecycle {
  const [block, second] = resource.blocks('lifecycle')
  if (second)
    resource.error(second.headerRange, 'Duplicate lifecycle block', 'A resource can have only one lifecycle block.')
  if (!block || !readLabels(block, [], report)) return plainLifecycle
  const reader = new BodyReader(block.body, 'lifecycle', report)
  reader.allowOnly(lifecycleArguments, ['precondition', 'postcondition'])
  if (mode === 'data') rejectManagedArguments(reader)
  return {
    createBeforeDestroy: reader.bool('create_before_destroy') ?? false,
    preventDestroy: reader.expression('prevent_destroy'),
    skipsDestroy: readDestroy(reader) === false,
    ignoreChanges: readIgnoreChanges(reader),
    replaceTriggeredBy: reader.expressions('replace_triggered_by').map((trigger) => reader.unquote(trigger)),
    preconditions: reader.blocks('precondition').flatMap((inner) => decodeCondition(inner, report)),
    postconditions: reader.blocks('postcondition').flatMap((inner) => decodeCondition(inner, report)),
  }
}

function rejectManagedArguments(reader: BodyReader): void {
  for (const { name, nameRange } of reader.body.attributes.values()) {
    if (name === 'enabled') continue
    const detail = `"${name}" applies to creation and destruction, so data sources do not support it.`
    reader.error(nameRange, 'Invalid data resource lifecycle argument', detail)
  }
}

/** Stored in the state for use after the block is removed, so it must be constant. */
function readDestroy(reader: BodyReader): boolean | undefined {
  const expression = reader.expression('destroy')
  if (!expression) return undefined
  const value = expression.type === 'literal' ? expression.value : undefined
  if (value?.kind === 'bool') return value.value
  reader.error(expression.range, 'Invalid lifecycle destroy expression', '"destroy" must be true or false.')
  return undefined
}

function readIgnoreChanges(reader: BodyReader): readonly IgnoredPath[] | 'all' {
  const expression = reader.expression('ignore_changes')
  if (expression?.type === 'variable' && expression.name === 'all') return 'all'
  const elements = reader.expressions('ignore_changes')
  if (expression && elements.some((element) => element.type !== 'variable' && keywordOf(element) === '*')) {
    const detail = 'To ignore all arguments, write ignore_changes = all.'
    reader.error(expression.range, 'Invalid ignore_changes wildcard', detail)
    return 'all'
  }
  return elements.flatMap((element) => {
    const plain = reader.unquote(element)
    const steps = pathOf(plain)
    if (!steps)
      reader.error(element.range, 'Invalid expression', 'Write a list of arguments, such as [env, metadata[0].script].')
    return steps ? [{ steps, range: rootRange(plain) }] : []
  })
}

/** The argument name of `input.x[0]`. */
function rootRange(expression: Expression): Range {
  if (expression.type === 'attribute') return rootRange(expression.object)
  return expression.type === 'index' ? rootRange(expression.collection) : expression.range
}

function pathOf(expression: Expression): IgnoredPath['steps'] | undefined {
  if (expression.type === 'variable') return [{ attribute: expression.name }]
  if (expression.type === 'attribute') {
    const path = pathOf(expression.object)
    return path && [...path, { attribute: expression.name }]
  }
  if (expression.type !== 'index') return undefined
  const path = pathOf(expression.collection)
  const key = keyOf(expression.key)
  return path && key !== undefined ? [...path, { index: key }] : undefined
}

function keyOf(expression: Expression): string | number | undefined {
  if (expression.type !== 'literal') return keywordOf(expression)
  const text = primitiveText(expression.value)
  return text === undefined ? undefined : Number(text)
}

export function decodeCondition(block: Block, report: Report): Condition[] {
  if (!readLabels(block, [], report)) return []
  const reader = new BodyReader(block.body, block.type, report)
  reader.allowOnly(['condition', 'error_message'], [])
  const condition = reader.required('condition')
  const errorMessage = reader.required('error_message')
  const kind = block.type as Condition['kind']
  const message: Expression = errorMessage ?? { type: 'invalid', range: block.headerRange }
  return condition ? [{ kind, condition, errorMessage: message, range: block.headerRange }] : []
}

export function decodeProvisioner(block: Block, report: Report): Provisioner[] {
  const reader = new BodyReader(block.body, 'provisioner', report)
  const [type] = readLabels(block, ['type'], report) ?? []
  reader.escapingBlock()
  if (type === undefined) return []
  return [
    {
      type,
      when: reader.keyword('when', ['create', 'destroy'], 'create'),
      onFailure: reader.keyword('on_failure', ['fail', 'continue'], 'fail'),
      body: block.body,
      range: block.headerRange,
    },
  ]
}
