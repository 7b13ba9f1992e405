// Pairs the directives of a template: `if` with `endif`, `for` with `endfor`.

import type { Range } from '../diagnostics/source.ts'
import type { TemplatePart } from './ast.ts'
import type { Directive, Piece } from './template-pieces.ts'
import type { TokenStream } from './token-stream.ts'

/** @param end of the template: its closing quote or marker */
export const buildTemplateTree = (stream: TokenStream, pieces: readonly Piece[], end: Range): TemplatePart[] =>
  new TreeBuilder(stream, pieces, end).build()

type Opening = Directive & { kind: 'if' | 'for' }
type Ending = Directive & { kind: 'else' | 'endif' | 'endfor' }

class TreeBuilder {
  readonly #stream: TokenStream
  readonly #pieces: readonly Piece[]
  readonly #end: Range
  #next = 0

  constructor(stream: TokenStream, pieces: readonly Piece[], end: Range) {
    this.#stream = stream
    this.#pieces = pieces
    this.#end = end
  }

  build(): TemplatePart[] {
    const parts: TemplatePart[] = []
    for (let ending = this.#read(parts); ending; ending = this.#read(parts)) {
      this.#report(ending.range, `Unexpected ${ending.kind} directive`, 'There is no open directive for it.')
    }
    return parts
  }

  /** Reads up to and including the next `else`, `endif` or `endfor`. Undefined at the end of the template. */
  #read(into: TemplatePart[]): Ending | undefined {
    for (let piece = this.#pieces[this.#next]; piece; piece = this.#pieces[this.#next]) {
      this.#next++
      switch (piece.kind) {
        case 'text':
          if (piece.text !== '') into.push({ type: 'text', text: piece.text })
          break
        case 'interpolation':
          into.push({ type: 'interpolation', expression: piece.expression })
          break
        case 'if':
        case 'for':
          this.#readBlock(piece, into)
          break
        default:
          return piece
      }
    }
    return undefined
  }

  /** Omits a directive that is not closed correctly; the rest is read as part of the outer block. */
  #readBlock(opening: Opening, into: TemplatePart[]): void {
    if (!this.#stream.enter()) {
      this.#next = this.#pieces.length
      return
    }
    const part = opening.kind === 'if' ? this.#readIf(opening) : this.#readFor(opening)
    if (part) into.push(part)
    this.#stream.leave()
  }

  #readIf(opening: Directive & { kind: 'if' }): TemplatePart | undefined {
    const then: TemplatePart[] = []
    const otherwise: TemplatePart[] = []
    let ending = this.#read(then)
    if (ending?.kind === 'else') ending = this.#read(otherwise)
    if (!this.#isClosedBy(opening, ending, 'endif')) return undefined
    return { type: 'if', condition: opening.condition, then, otherwise }
  }

  #readFor(opening: Directive & { kind: 'for' }): TemplatePart | undefined {
    const body: TemplatePart[] = []
    if (!this.#isClosedBy(opening, this.#read(body), 'endfor')) return undefined
    const { keyName, valueName, collection } = opening
    return { type: 'for', keyName, valueName, collection, body }
  }

  #isClosedBy(opening: Opening, ending: Ending | undefined, expected: Ending['kind']): boolean {
    if (ending?.kind === expected) return true
    if (ending) {
      const detail = `The open directive %{ ${opening.kind} } must be closed by %{ ${expected} }.`
      this.#report(ending.range, `Unexpected ${ending.kind} directive`, detail)
    } else {
      const detail = `The template ends inside %{ ${opening.kind} }. Close it with %{ ${expected} }.`
      this.#report(this.#end, 'Unexpected end of template', detail)
    }
    return false
  }

  #report(range: Range, summary: string, detail: string): void {
    this.#stream.report(range, summary, detail)
  }
}
