// Decodes `module` blocks: meta-arguments, and values for the module's variables.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Block, Expression } from '../hcl/ast.ts'
import { startRange } from '../hcl/start-range.ts'
import { BodyReader, escapingType, keywordOf } from './body-reader.ts'
import { lifecycleArgument, readProviderReference, rejectCombinations } from './decode-resource.ts'
import { missingItemRange } from './labels.ts'
import { configurationName, type ModuleCall, type PassedProvider } from './module.ts'

const ownArguments: ReadonlySet<string> = new Set(['source', 'version', 'count', 'for_each', 'depends_on', 'providers'])

const reserved: ReadonlySet<string> = new Set(['provider', 'locals'])

export function decodeModuleCall(
  block: Block,
  name: string,
  report: (diagnostic: Diagnostic) => void,
): ModuleCall | undefined {
  const reader = new BodyReader(block.body, `module "${name}"`, report)
  reader.allowOnly([...block.body.attributes.keys()], ['lifecycle', escapingType, ...reserved])
  for (const { type, typeRange } of block.body.blocks) {
    const detail = `The block type "${type}" is reserved in module blocks.`
    if (reserved.has(type)) reader.error(typeRange, 'Reserved block type name in module block', detail)
  }
  const escaping = reader.escapingBlock()
  if (escaping) new BodyReader(escaping, `module "${name}"`, report).rejectBlocks()
  const [lifecycle] = reader.blocks('lifecycle')
  if (lifecycle) new BodyReader(lifecycle.body, 'lifecycle', report).allowOnly(['enabled'], [])
  const sourceExpression = reader.required('source')
  const isConstant = sourceExpression && isLiteral(sourceExpression)
  const source = isConstant ? reader.string('source') : undefined
  rejectCombinations(block, reader)
  if (!sourceExpression || (isConstant && source === undefined)) return undefined
  return {
    name,
    source,
    sourceExpression,
    version: reader.string('version'),
    count: reader.expression('count'),
    forEach: reader.expression('count') ? undefined : reader.expression('for_each'),
    enabled: lifecycleArgument(block, 'enabled')?.expression,
    dependsOn: reader.dependsOn(),
    providers: readProviders(reader),
    inputs: new Map([
      ...[...block.body.attributes].filter(([argument]) => !ownArguments.has(argument)),
      ...(escaping?.attributes ?? []),
    ]),
    openingRange: missingItemRange(block.body),
    range: block.headerRange,
  }
}

/** Also accepts non-strings, and reports them. */
const isLiteral = (expression: Expression) =>
  ['literal', 'tuple', 'object'].includes(expression.type) ||
  (expression.type === 'template' && keywordOf(expression) !== undefined)

function readProviders(reader: BodyReader): ReadonlyMap<string, PassedProvider> {
  const expression = reader.expression('providers')
  const providers = new Map<string, PassedProvider>()
  if (!expression) return providers
  if (expression.type !== 'object') {
    reader.error(startRange(expression), 'Invalid expression', 'Write an object such as { name = name.alias }.')
    return providers
  }
  for (const { key, value } of expression.items) {
    const isQuoted = key.range.end - key.range.start > (keywordOf(key)?.length ?? 0)
    const inner = readProviderReference(isQuoted ? reader.unquote(key) : key, reader)
    const outer = readProviderReference(reader.unquote(value), reader)
    if (inner && outer) providers.set(configurationName(inner), { reference: outer, inner: inner.range })
  }
  return providers
}
