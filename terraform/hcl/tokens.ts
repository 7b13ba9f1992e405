// The tokens of a text, all of them, in one array of numbers: what a token is, where it starts and where it ends.
// Objects for them would cost more than all the rest of parsing.

/** The signs and words that HCL text is made of. Brackets of one sort stand next to each other, the opening one first. */
export const kind = {
  end: 0,
  newline: 1,
  /** `# …` or `// …` with its line end. */
  lineComment: 2,
  /** Without a line end: a block comment, or in the last line of a text. */
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
  /** The whole introducing line. */
  openHeredoc: 14,
  /** The closing marker with the blanks around it. */
  closeHeredoc: 15,
  /** `${` or `${~` */
  openInterpolation: 16,
  /** The brace that ends an interpolation or a directive: `}` or `~}` */
  closeSequence: 17,
  /** `%{` or `%{~` */
  openDirective: 18,
  /** Text between quotes, with its escapes. */
  quotedText: 19,
  /** Text in a heredoc or a template file. */
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
  // Operators with two sides, as far as `percent`.
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
  // What follows has no meaning anywhere.
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

// What a token takes in the array.
const numbersPerToken = 3

export class Tokens {
  #numbers: Int32Array
  count = 0
  /** Whether any of them has no meaning. */
  hasUnsupported = false

  /** @param expected how many there will be, about */
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

  /** Makes the token that was added last longer. */
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
