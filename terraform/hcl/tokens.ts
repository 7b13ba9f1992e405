// All tokens of a text in one array of numbers: kind, start and end of each. Token objects would cost more than all other
// parsing.

/** The kinds of tokens. The kinds of an opening bracket and its closing one are adjacent. */
export const kind = {
  end: 0,
  newline: 1,
  /** `# …` or `// …`, including the line break. */
  lineComment: 2,
  /** A comment without a line break: a block comment, or a line comment at the end of the text. */
  comment: 3,
  identifier: 4,
  number: 5,
  openBrace: 6,
  closeBrace: 7,
  openBracket: 8,
  closeBracket: 9,
  openParenthesis: 10,
  closeParenthesis: 11,
  openQuote: 12,
  closeQuote: 13,
  /** The first line of a heredoc. */
  openHeredoc: 14,
  /** The closing marker, including surrounding white space. */
  closeHeredoc: 15,
  /** `${` or `${~` */
  openInterpolation: 16,
  /** The closing brace of an interpolation or directive: `}` or `~}` */
  closeSequence: 17,
  /** `%{` or `%{~` */
  openDirective: 18,
  /** Text in a quoted string, including escape sequences. */
  quotedText: 19,
  /** Text in a heredoc or template file. */
  plainText: 20,
  comma: 21,
  dot: 22,
  ellipsis: 23,
  colon: 24,
  doubleColon: 25,
  question: 26,
  arrow: 27,
  assign: 28,
  not: 29,
  // Binary operators, up to `percent`.
  or: 30,
  and: 31,
  equal: 32,
  notEqual: 33,
  less: 34,
  lessOrEqual: 35,
  greater: 36,
  greaterOrEqual: 37,
  plus: 38,
  minus: 39,
  star: 40,
  slash: 41,
  percent: 42,
  // Unsupported tokens.
  bitwise: 43,
  backtick: 44,
  apostrophe: 45,
  semicolon: 46,
  quotedNewline: 47,
  invalidUtf8: 48,
  invalid: 49,
} as const

export type Kind = (typeof kind)[keyof typeof kind]

const firstUnsupported: Kind = kind.bitwise

// The array elements per token.
const numbersPerToken = 3

export class Tokens {
  #numbers: Int32Array
  count = 0
  /** Whether there are unsupported tokens. */
  hasUnsupported = false

  /** @param expected the approximate number of tokens */
  constructor(expected: number) {
    this.#numbers = new Int32Array(expected * numbersPerToken)
  }

  add(added: Kind, start: number, end: number): void {
    const at = this.count * numbersPerToken
    if (at === this.#numbers.length) this.#grow()
    const numbers = this.#numbers
    numbers[at] = added
    numbers[at + 1] = start
    numbers[at + 2] = end
    this.count++
    if (added >= firstUnsupported) this.hasUnsupported = true
  }

  /** Extends the last token. */
  extendLast(end: number): void {
    this.#numbers[(this.count - 1) * numbersPerToken + 2] = end
  }

  kindOf(token: number): Kind {
    return this.#numbers[token * numbersPerToken] as Kind
  }

  startOf(token: number): number {
    return this.#numbers[token * numbersPerToken + 1] as number
  }

  endOf(token: number): number {
    return this.#numbers[token * numbersPerToken + 2] as number
  }

  #grow(): void {
    const larger = new Int32Array(this.#numbers.length * 2 + 16 * numbersPerToken)
    larger.set(this.#numbers)
    this.#numbers = larger
  }
}
