// Formats a file exactly like `tofu fmt`. Works on tokens; the syntax tree provides only the positions of values and
// labels.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import type { Block, Body, Expression } from '../hcl/ast.ts'
import { findTraversals } from '../hcl/find-traversals.ts'
import { parseFile } from '../hcl/parse-body.ts'
import { scanCode } from '../hcl/scanner.ts'
import { type Kind, kind, type Tokens } from '../hcl/tokens.ts'
import { type LayoutToken, setSpacing } from './layout.ts'
import { quotedLabel, rewriteType, rewriteValue } from './rewrites.ts'

export interface Formatted {
  /** The unchanged text if there are diagnostics: an incomplete file cannot be formatted. */
  readonly text: string
  readonly diagnostics: readonly Diagnostic[]
}

export function formatText(source: Source): Formatted {
  const { value, diagnostics } = parseFile(source)
  if (diagnostics.length > 0) return { text: source.text, diagnostics }
  const { tokens, endSpaces } = new Rewriter(source.text).rewrite(value)
  setSpacing(tokens)
  const text = tokens.map(({ spaces, text: own }) => ' '.repeat(spaces) + own).join('') + ' '.repeat(endSpaces)
  return { text, diagnostics }
}

class Rewriter {
  readonly #text: string
  readonly #scanned: Tokens
  readonly #result: LayoutToken[] = []
  /** The index of the next token to copy. */
  #next = 0

  constructor(text: string) {
    this.#text = text
    this.#scanned = scanCode(text)
  }

  rewrite(body: Body): { readonly tokens: readonly LayoutToken[]; readonly endSpaces: number } {
    this.#rewriteBody(body, [])
    this.#copyUpTo(this.#text.length)
    return { tokens: this.#result, endSpaces: this.#endSpaces() }
  }

  /** A file without a final newline keeps its trailing spaces; a byte order mark counts as some. */
  #endSpaces(): number {
    const last = this.#scanned.count - 2
    const end = last < 0 ? 0 : this.#scanned.endOf(last)
    return Buffer.byteLength(this.#text.slice(end))
  }

  #rewriteBody(body: Body, blockTypes: readonly string[]): void {
    const isVariable = blockTypes.length === 1 && blockTypes[0] === 'variable'
    for (const item of itemsOf(body)) {
      if ('expression' in item) {
        this.#rewriteExpression(item.expression, isVariable && item.name === 'type' ? rewriteType : rewriteValue)
      } else {
        this.#rewriteLabels(item)
        this.#rewriteBody(item.body, [...blockTypes, item.type])
      }
    }
  }

  #rewriteExpression(
    expression: Expression,
    rewrite: (tokens: readonly LayoutToken[]) => readonly LayoutToken[],
  ): void {
    const { start, end } = expression.range
    this.#copyUpTo(start)
    const dropped = droppedKeys(expression)
    const tokens: LayoutToken[] = []
    for (; this.#startOfNext() < end; this.#next++) {
      const at = this.#startOfNext()
      if (!dropped.some((range) => at > range.start && at < range.end - 1)) tokens.push(this.#take(this.#next))
    }
    this.#result.push(...rewrite(tokens))
  }

  /** Copies the labels, and drops comments between them. */
  #rewriteLabels({ typeRange, labels }: Block): void {
    this.#copyUpTo(typeRange.end)
    for (const { text, range } of labels) {
      const first = this.#indexAt(range.start)
      this.#next = this.#indexAt(range.end)
      // Like OpenTofu, drops labels of several tokens, such as "a$b".
      if (this.#next - first <= 3) this.#result.push(...quotedLabel(text))
    }
  }

  #indexAt(offset: number): number {
    let index = this.#next
    while (this.#scanned.startOf(index) < offset) index++
    return index
  }

  #copyUpTo(offset: number): void {
    for (; this.#startOfNext() < offset && this.#kindOf(this.#next) !== kind.end; this.#next++) {
      this.#result.push(this.#take(this.#next))
    }
  }

  #startOfNext = (): number => this.#scanned.startOf(this.#next)
  #kindOf = (token: number): Kind => this.#scanned.kindOf(token)

  #take(token: number): LayoutToken {
    const text = this.#text.slice(this.#scanned.startOf(token), this.#scanned.endOf(token))
    return { kind: this.#kindOf(token), text, spaces: 0 }
  }
}

const itemsOf = ({ attributes, blocks }: Body) =>
  [...attributes.values(), ...blocks].sort((a, b) => a.range.start - b.range.start)

/** OpenTofu drops a constant key that is neither a string nor a number: `a[true]` becomes `a[]`. */
const droppedKeys = (expression: Expression) =>
  findTraversals(expression)
    .flat()
    .filter((step) => step.kind === 'index' && step.key.kind !== 'string' && step.key.kind !== 'number')
    .map(({ range }) => range)
