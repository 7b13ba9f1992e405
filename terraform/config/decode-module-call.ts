// Decodes `module` blocks: what of them belongs to the language, and the values for the module's variables.

import type { Diagnostic } from '../diagnostics.ts'
import type { Block } from '../hcl/ast.ts'
import { BodyReader } from './body-reader.ts'
import { lifecycleArgument, readProviderReference } from './decode-resource.ts'
import { configurationName, type ModuleCall, type ProviderReference } from './module.ts'

const ownArguments: ReadonlySet<string> = new Set(['source', 'version', 'count', 'for_each', 'depends_on', 'providers'])

export function decodeModuleCall(
  block: Block,
  name: string,
  report: (diagnostic: Diagnostic) => void,
): ModuleCall | undefined {
  const reader = new BodyReader(block.body, `module "${name}"`, report)
  reader.allowOnly([...block.body.attributes.keys()], ['lifecycle'])
  const [lifecycle] = reader.blocks('lifecycle')
  if (lifecycle) new BodyReader(lifecycle.body, 'lifecycle', report).allowOnly(['enabled'], [])
  const sourceExpression = reader.required('source', block.headerRange)
  const source = reader.text('source')
  const count = reader.expression('count')
  const forEach = reader.expression('for_each')
  if (count && forEach) {
    reader.error(
      forEach.range,
      'Invalid combination of "count" and "for_each"',
      'Only one of the two may say how many instances there are.',
    )
  }
  if (!sourceExpression || source === undefined) return undefined
  return {
    name,
    source,
    sourceRange: sourceExpression.range,
    version: reader.text('version'),
    count,
    forEach,
    enabled: lifecycleArgument(block, 'enabled'),
    dependsOn: reader.references('depends_on'),
    providers: readProviders(reader),
    inputs: new Map([...block.body.attributes].filter(([argument]) => !ownArguments.has(argument))),
    range: block.headerRange,
  }
}

function readProviders(reader: BodyReader): ReadonlyMap<string, ProviderReference> {
  const expression = reader.expression('providers')
  const providers = new Map<string, ProviderReference>()
  if (!expression) return providers
  if (expression.type !== 'object') {
    reader.error(expression.range, 'Invalid providers argument', 'It is written as { name = name.alias }.')
    return providers
  }
  for (const { key, value } of expression.items) {
    const inner = readProviderReference(key, reader)
    const outer = readProviderReference(value, reader)
    if (inner && outer) providers.set(configurationName(inner), outer)
  }
  return providers
}
