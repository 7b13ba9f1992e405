// A template before its directives are paired: a flat list of texts, interpolations and directives.

import type { Range } from '../diagnostics/source.ts'
import type { Expression } from './ast.ts'
import type { ForNames } from './parse-for.ts'
import { trimStart } from './white-space.ts'

export interface Text {
  readonly kind: 'text'
  readonly range: Range
  readonly text: string
}

export interface Interpolation {
  readonly kind: 'interpolation'
  readonly expression: Expression
}

export type Directive =
  | { readonly kind: 'if'; readonly range: Range; readonly condition: Expression }
  | ({ readonly kind: 'for'; readonly range: Range; readonly collection: Expression } & ForNames)
  | { readonly kind: 'else' | 'endif' | 'endfor'; readonly range: Range }

export type Piece = Text | Interpolation | Directive

/** Removes the common indentation of a `<<-` heredoc, ignoring blank lines. */
export function dedent(pieces: Piece[]): void {
  const adjusted: number[] = []
  let minIndent = Number.POSITIVE_INFINITY
  let atLineStart = true
  for (const [index, piece] of pieces.entries()) {
    if (atLineStart) {
      const indent = piece.kind === 'text' ? indentOf(piece.text) : 0
      minIndent = Math.min(minIndent, indent)
      if (piece.kind === 'text' && Number.isFinite(indent)) adjusted.push(index)
    }
    atLineStart = piece.kind === 'text' && piece.text.endsWith('\n')
  }
  for (const index of adjusted) {
    const { text, range } = pieces[index] as Text
    pieces[index] = { kind: 'text', text: text.slice(minIndent), range: { ...range, start: range.start + minIndent } }
  }
}

function indentOf(line: string): number {
  const trimmed = trimStart(line)
  return trimmed === '' && line.endsWith('\n') ? Number.POSITIVE_INFINITY : line.length - trimmed.length
}

/** Joins adjacent texts. */
export function joinTexts(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = []
  for (let index = 0; index < pieces.length; ) {
    const first = pieces[index++] as Piece
    if (first.kind !== 'text') {
      joined.push(first)
      continue
    }
    let { text } = first
    let end = first.range.end
    for (let next = pieces[index]; next?.kind === 'text'; next = pieces[++index]) {
      text += next.text
      end = next.range.end
    }
    joined.push({ kind: 'text', text, range: { ...first.range, end } })
  }
  return joined
}
