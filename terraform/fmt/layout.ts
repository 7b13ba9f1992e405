// Computes the spaces before each token: indentation, spaces between tokens, and the alignment of equals signs and
// comments. The rules, including their quirks, are those of `tofu fmt`.

import { characterCount } from '../diagnostics/source.ts'
import { type Kind, kind } from '../hcl/tokens.ts'
import { needsSpace } from './spacing.ts'

export interface LayoutToken {
  readonly kind: Kind
  readonly text: string
  spaces: number
}

/** A line, divided into the parts that are aligned with neighboring lines. Parts can be empty. */
interface Line {
  lead: readonly LayoutToken[]
  /** From the equals sign on, if the value ends on this line. */
  assign: readonly LayoutToken[]
  comment: LayoutToken | undefined
}

/** @param tokens of a whole file, without its end token */
export function setSpacing(tokens: readonly LayoutToken[]): void {
  const lines = splitIntoLines(tokens)
  indent(lines)
  for (const { lead, assign } of lines) {
    space(lead)
    space(assign)
  }
  alignAssignments(lines)
  alignComments(lines)
}

function splitIntoLines(tokens: readonly LayoutToken[]): Line[] {
  const lines: Line[] = []
  let start = 0
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== kind.newline && token.kind !== kind.lineComment) continue
    lines.push(cutLine(tokens.slice(start, index + 1)))
    start = index + 1
  }
  lines.push(cutLine(tokens.slice(start)))
  return lines
}

function cutLine(tokens: readonly LayoutToken[]): Line {
  const last = tokens.at(-1)
  const hasComment = tokens.length > 1 && (last?.kind === kind.lineComment || last?.kind === kind.comment)
  const code = hasComment ? tokens.slice(0, -1) : tokens
  const assign = assignmentIn(code)
  return {
    lead: code.slice(0, code.length - assign.length),
    assign,
    comment: hasComment ? last : undefined,
  }
}

/** Empty if the value continues on the next line: such a value is not aligned. */
function assignmentIn(code: readonly LayoutToken[]): readonly LayoutToken[] {
  const at = code.findIndex((token, index) => index > 0 && token.kind === kind.assign)
  if (at === -1) return []
  const assign = code.slice(at)
  return countOpened(assign) === 0 ? assign : []
}

const brackets = new Map<Kind, number>([
  [kind.openBrace, 1],
  [kind.openBracket, 1],
  [kind.openParenthesis, 1],
  [kind.openInterpolation, 1],
  [kind.openDirective, 1],
  [kind.closeBrace, -1],
  [kind.closeBracket, -1],
  [kind.closeParenthesis, -1],
  [kind.closeSequence, -1],
])

/** The number of opened brackets minus the number of closed ones. */
function countOpened(tokens: readonly LayoutToken[]): number {
  let opened = 0
  for (const token of tokens) opened += brackets.get(token.kind) ?? 0
  return opened
}

/** A line that opens brackets, however many, indents the following lines by one level; the line that closes them ends the
 *  level. */
function indent(lines: readonly Line[]): void {
  const levels: number[] = []
  for (const { lead, assign } of lines) {
    const [first] = lead
    if (!first) continue
    if (first.kind === kind.newline) {
      first.spaces = 0
      continue
    }
    const opened = countOpened(beforeHeredoc(lead)) + countOpened(assign)
    if (opened < 0) close(levels, -opened)
    first.spaces = 2 * levels.length
    if (opened > 0) levels.push(opened)
  }
}

function beforeHeredoc(lead: readonly LayoutToken[]): readonly LayoutToken[] {
  const heredoc = lead.findIndex((token) => token.kind === kind.openHeredoc)
  return heredoc === -1 ? lead : lead.slice(0, heredoc)
}

function close(levels: number[], count: number): void {
  let left = count
  while (left > 0 && levels.length > 0) {
    const opened = levels.at(-1) as number
    if (left < opened) {
      levels[levels.length - 1] = opened - left
      return
    }
    levels.pop()
    left -= opened
  }
}

function space(tokens: readonly LayoutToken[]): void {
  for (let index = 0; index + 1 < tokens.length; index++) {
    const after = tokens[index + 1] as LayoutToken
    after.spaces = needsSpace(tokens[index] as LayoutToken, tokens[index - 1], after) ? 1 : 0
  }
}

function alignAssignments(lines: readonly Line[]): void {
  const widthOf = ({ lead }: Line) => width(lead)
  for (const run of runsOf(lines, ({ assign }) => assign.length > 0)) {
    const widest = Math.max(...run.map(widthOf))
    for (const line of run) (line.assign[0] as LayoutToken).spaces = widest - widthOf(line) + 1
  }
}

function alignComments(lines: readonly Line[]): void {
  const widthOf = ({ lead, assign }: Line) => width(lead) + width(assign)
  for (const run of runsOf(lines, ({ comment }) => comment !== undefined)) {
    const widest = Math.max(...run.map(widthOf))
    for (const line of run) (line.comment as LayoutToken).spaces = widest - widthOf(line) + 1
  }
}

/** Groups of consecutive lines that meet the condition. */
function runsOf(lines: readonly Line[], has: (line: Line) => boolean): Line[][] {
  const runs: Line[][] = []
  let isInRun = false
  for (const line of lines) {
    const isNext = has(line)
    if (isNext && isInRun) runs.at(-1)?.push(line)
    else if (isNext) runs.push([line])
    isInRun = isNext
  }
  return runs
}

const width = (tokens: readonly LayoutToken[]): number =>
  tokens.reduce((sum, { spaces, text }) => sum + spaces + characterCount(text), 0)
