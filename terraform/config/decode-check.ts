// Decodes `check` blocks. Their data source is declared with the module's data sources and references its check.

import { formatLocalResource } from '../addresses.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Block } from '../hcl/ast.ts'
import { BodyReader } from './body-reader.ts'
import { decodeCondition, decodeResource } from './decode-resource.ts'
import type { CheckBlock, ResourceBlock } from './module.ts'

export function decodeCheck(
  block: Block,
  name: string,
  report: (diagnostic: Diagnostic) => void,
): { check: CheckBlock; data: ResourceBlock | undefined } {
  const reader = new BodyReader(block.body, `check "${name}"`, report)
  reader.allowOnly([], ['data', 'assert'])
  const [first, second] = reader.blocks('data')
  if (second) reader.error(second.headerRange, 'Multiple data blocks', 'A check block can have only one data block.')
  const assertions = reader.blocks('assert').flatMap((inner) => decodeCondition(inner, report))
  // Like OpenTofu, counts only complete blocks.
  const isComplete = ({ body }: Block) => body.attributes.has('condition') && body.attributes.has('error_message')
  if (!reader.blocks('assert').some(isComplete))
    reader.error(block.headerRange, 'Zero assert blocks', 'A check block needs at least one assert block.')
  const data = first && decodeResource(first, 'data', report)
  return {
    check: { name, assertions, data: data && formatLocalResource(data.address), range: block.headerRange },
    data: data && { ...data, isInCheck: true },
  }
}
