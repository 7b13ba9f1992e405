// Checks the labels of the language's own blocks: their number and valid names.

import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Block, Body } from '../hcl/ast.ts'
import { isJsonBody } from './json-file.ts'

type Report = (diagnostic: Diagnostic) => void

/** The opening brace of a body. */
export const openingRange = ({ range }: Body): Range => ({ ...range, end: range.start + 1 })

/** The range for a missing item in a body: the opening brace, or the closing one in JSON. */
export const missingItemRange = (body: Body): Range =>
  isJsonBody(body) ? { ...body.range, start: body.range.end - 1 } : openingRange(body)

/** The required labels; reports missing ones and returns undefined. */
export function readLabels(block: Block, wanted: readonly string[], report: Report): string[] | undefined {
  const missing = wanted[block.labels.length]
  if (missing !== undefined) {
    const detail = `Blocks of type "${block.type}" need ${count(wanted.length)} (${wanted.join(', ')}) before the brace.`
    report(errorAt(block.braceRange, `Missing ${missing} for ${block.type}`, detail))
    return undefined
  }
  const extra = block.labels[wanted.length]
  if (extra) {
    const detail = `Blocks of type "${block.type}" have ${wanted.length === 0 ? 'no labels' : `only ${count(wanted.length)} (${wanted.join(', ')})`}.`
    report(errorAt(extra.range, `Extraneous label for ${block.type}`, detail))
    return undefined
  }
  return block.labels.map(({ text }) => text)
}

const count = (labels: number) => (labels === 1 ? 'one label' : `${labels} labels`)

const identifier = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u

export const isName = (text: string): boolean => identifier.test(text)

/** Reports a label that is not a valid name; `summary` is the diagnostic. */
export function checkName(block: Block, index: number, summary: string, report: Report): boolean {
  const label = block.labels[index]
  if (!label || isName(label.text)) return true
  const detail = `${JSON.stringify(label.text)} is not a valid name: a name must start with a letter or underscore and may contain only letters, digits, underscores and dashes.`
  report(errorAt(label.range, summary, detail))
  return false
}
