// Decodes `resource` and `data` blocks: what of them belongs to the language.

import type { ResourceMode } from '../addresses.ts'
import type { Diagnostic } from '../diagnostics.ts'
import type { Block, Expression } from '../hcl/ast.ts'
import type { AttributePath } from '../provider.ts'
import { primitiveText } from '../values/value.ts'
import { BodyReader, wordOf } from './body-reader.ts'
import type { Condition, Lifecycle, ProviderReference, Provisioner, ResourceBlock } from './module.ts'

type Report = (diagnostic: Diagnostic) => void

export function decodeResource(block: Block, mode: ResourceMode, report: Report): ResourceBlock | undefined {
  const [type, name] = block.labels
  const reader = new BodyReader(block.body, `${block.type} "${type?.text ?? ''}"`, report)
  if (!type || !name || block.labels.length > 2) {
    reader.error(
      block.headerRange,
      'Invalid block labels',
      `A ${block.type} block has two labels: its type and its name.`,
    )
    return undefined
  }
  const count = reader.expression('count')
  const forEach = reader.expression('for_each')
  if (count && forEach) {
    reader.error(
      forEach.range,
      'Invalid combination of "count" and "for_each"',
      'Only one of the two may say how many instances there are.',
    )
  }
  const enabled = lifecycleArgument(block, 'enabled')
  return {
    address: { module: [], mode, type: type.text, name: name.text },
    body: block.body,
    count,
    forEach,
    enabled,
    provider: readProviderArgument(reader) ?? {
      name: type.text.split('_')[0] ?? type.text,
      alias: undefined,
      range: type.range,
    },
    dependsOn: reader.references('depends_on'),
    lifecycle: decodeLifecycle(reader, report),
    provisioners:
      mode === 'managed' ? reader.blocks('provisioner').flatMap((inner) => decodeProvisioner(inner, report)) : [],
    range: block.headerRange,
  }
}

function readProviderArgument(reader: BodyReader): ProviderReference | undefined {
  const expression = reader.expression('provider')
  return expression && readProviderReference(expression, reader)
}

/** `aws` or `aws.west`; also in quotes, as in old templates. */
export function readProviderReference(expression: Expression, reader: BodyReader): ProviderReference | undefined {
  const { range } = expression
  if (expression.type === 'attribute') {
    const name = wordOf(expression.object)
    if (name !== undefined) return { name, alias: expression.name, range }
  }
  const [name, alias, ...more] = wordOf(expression)?.split('.') ?? []
  if (name !== undefined && name !== '' && more.length === 0) return { name, alias, range }
  reader.error(range, 'Invalid provider reference', 'It is written as the name of a provider, or name.alias.')
  return undefined
}

export const lifecycleArgument = (block: Block, name: string): Expression | undefined =>
  block.body.blocks.find(({ type }) => type === 'lifecycle')?.body.attributes.get(name)?.expression

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
  keepsObject: false,
  ignoreChanges: [],
  replaceTriggeredBy: [],
  preconditions: [],
  postconditions: [],
}

function decodeLifecycle(resource: BodyReader, report: Report): Lifecycle {
  const [block, second] = resource.blocks('lifecycle')
  if (second)
    resource.error(second.headerRange, 'Duplicate lifecycle block', 'A resource may have one lifecycle block.')
  if (!block) return plainLifecycle
  const reader = new BodyReader(block.body, 'lifecycle', report)
  reader.allowOnly(lifecycleArguments, ['precondition', 'postcondition'])
  return {
    createBeforeDestroy: reader.flag('create_before_destroy') ?? false,
    preventDestroy: reader.expression('prevent_destroy'),
    keepsObject: reader.flag('destroy') === false,
    ignoreChanges: readIgnoreChanges(reader),
    replaceTriggeredBy: reader.expressions('replace_triggered_by'),
    preconditions: reader.blocks('precondition').flatMap((inner) => decodeCondition(inner, report)),
    postconditions: reader.blocks('postcondition').flatMap((inner) => decodeCondition(inner, report)),
  }
}

function readIgnoreChanges(reader: BodyReader): readonly AttributePath[] | 'all' {
  const expression = reader.expression('ignore_changes')
  if (expression && wordOf(expression) === 'all') return 'all'
  return reader.expressions('ignore_changes').flatMap((element) => {
    const path = pathOf(element)
    if (!path)
      reader.error(
        element.range,
        'Invalid ignore_changes',
        'It lists names of arguments, such as [env, metadata[0].script].',
      )
    return path ? [path] : []
  })
}

function pathOf(expression: Expression): AttributePath | undefined {
  if (expression.type === 'variable') return [expression.name]
  if (expression.type === 'attribute') {
    const path = pathOf(expression.object)
    return path && [...path, expression.name]
  }
  if (expression.type === 'index') {
    const path = pathOf(expression.collection)
    const key = keyOf(expression.key)
    return path && key !== undefined ? [...path, key] : undefined
  }
  const quoted = wordOf(expression)
  return quoted === undefined ? undefined : [quoted]
}

function keyOf(expression: Expression): string | number | undefined {
  if (expression.type !== 'literal') return wordOf(expression)
  const text = primitiveText(expression.value)
  return text === undefined ? undefined : Number(text)
}

export function decodeCondition(block: Block, report: Report): Condition[] {
  const reader = new BodyReader(block.body, block.type, report)
  reader.allowOnly(['condition', 'error_message'], [])
  const condition = reader.required('condition', block.headerRange)
  const errorMessage = reader.required('error_message', block.headerRange)
  return condition && errorMessage ? [{ condition, errorMessage, range: block.headerRange }] : []
}

export function decodeProvisioner(block: Block, report: Report): Provisioner[] {
  const reader = new BodyReader(block.body, 'provisioner', report)
  const [type] = block.labels
  if (!type || block.labels.length > 1) {
    reader.error(
      block.headerRange,
      'Invalid block labels',
      'A provisioner block has one label, its type: provisioner "local-exec".',
    )
    return []
  }
  return [
    {
      type: type.text,
      when: reader.keyword('when', ['create', 'destroy'], 'create'),
      onFailure: reader.keyword('on_failure', ['fail', 'continue'], 'fail'),
      body: block.body,
      range: block.headerRange,
    },
  ]
}
