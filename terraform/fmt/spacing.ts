// Decides whether there is a space between two tokens of a line.

import { type Kind, kind } from '../hcl/tokens.ts'

interface Token {
  readonly kind: Kind
  readonly text: string
}

type Rule = readonly [applies: (subject: Token, before: Token | undefined, after: Token) => boolean, hasSpace: boolean]

const isOneOf = (...kinds: readonly Kind[]): ((token: Token | undefined) => boolean) => {
  const set = new Set<Kind>(kinds)
  return (token) => token !== undefined && set.has(token.kind)
}

const isIdentifier = isOneOf(kind.identifier)
const isText = isOneOf(kind.quotedText, kind.plainText)
const endsTemplate = isOneOf(kind.closeQuote, kind.closeHeredoc)
const startsTemplate = isOneOf(kind.openQuote, kind.openHeredoc)
const startsSequence = isOneOf(kind.openInterpolation, kind.openDirective)
const isOpening = isOneOf(
  kind.openBrace,
  kind.openBracket,
  kind.openParenthesis,
  kind.openInterpolation,
  kind.openDirective,
)
const isClosing = isOneOf(kind.closeBrace, kind.closeBracket, kind.closeParenthesis, kind.closeSequence)

/** After these tokens a minus is a sign; elsewhere it is an operator. */
const expectsValue = isOneOf(
  kind.openParenthesis,
  kind.openBrace,
  kind.openBracket,
  kind.assign,
  kind.colon,
  kind.comma,
  kind.question,
  kind.plus,
  kind.star,
  kind.slash,
  kind.percent,
  kind.minus,
  kind.equal,
  kind.notEqual,
  kind.greater,
  kind.greaterOrEqual,
  kind.less,
  kind.lessOrEqual,
  kind.and,
  kind.or,
  kind.not,
)

/** The first rule that applies is used. */
const rules: readonly Rule[] = [
  [(_, __, after) => after.kind === kind.newline, false],
  // `f(`, `f::g`, `a.b`
  [(subject, _, after) => isIdentifier(subject) && after.kind === kind.openParenthesis, false],
  [(subject, _, after) => isIdentifier(subject) && after.kind === kind.doubleColon, false],
  [(subject, _, after) => subject.kind === kind.doubleColon && isIdentifier(after), false],
  [(subject, _, after) => subject.kind === kind.dot || after.kind === kind.dot, false],
  [(_, __, after) => after.kind === kind.comma || after.kind === kind.ellipsis, false],
  [(subject) => subject.kind === kind.comma, true],
  [(subject, _, after) => isText(subject) || startsTemplate(subject) || isText(after) || endsTemplate(after), false],
  // `for x in [1]` does not index a variable "in".
  [(subject, before) => isIdentifier(subject) && subject.text === 'in' && isIdentifier(before), true],
  [
    (subject, _, after) =>
      after.kind === kind.openBracket && (isIdentifier(subject) || subject.kind === kind.number || isClosing(subject)),
    false,
  ],
  [(subject) => subject.kind === kind.not, false],
  [(subject, before) => subject.kind === kind.minus && (!before || expectsValue(before)), false],
  [(subject) => subject.kind === kind.minus, true],
  [(subject, _, after) => subject.kind === kind.openBrace && after.kind === kind.closeBrace, false],
  [(subject, _, after) => subject.kind === kind.openBrace || after.kind === kind.closeBrace, true],
  // `${ {} }`: separates the braces.
  [(subject, _, after) => startsSequence(subject) && after.kind === kind.openBrace, true],
  [(subject, _, after) => subject.kind === kind.closeBrace && after.kind === kind.closeSequence, true],
  [(subject, _, after) => subject.kind === kind.closeSequence && startsSequence(after), false],
  [(subject, _, after) => isOpening(subject) || isClosing(after), false],
]

/** Whether a space separates `subject` and `after`. `before` precedes the subject in the same part of the line. */
export function needsSpace(subject: Token, before: Token | undefined, after: Token): boolean {
  for (const [applies, hasSpace] of rules) if (applies(subject, before, after)) return hasSpace
  return true
}
