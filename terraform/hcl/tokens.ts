// The tokens of a text, all of them, as three arrays of numbers: what a token is, where it starts and where it ends.
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
  brokenText: 48,
  invalid: 49,
} as const

export type Kind = (typeof kind)[keyof typeof kind]

const firstMeaningless: Kind = kind.bitwise

export class Tokens {
  kinds: Uint8Array
  starts: Int32Array
  ends: Int32Array
  count = 0
  /** Whether any of them has no meaning. */
  hasMeaningless = false

  /** @param expected how many there will be, about */
  constructor(expected: number) {
    this.kinds = new Uint8Array(expected)
    this.starts = new Int32Array(expected)
    this.ends = new Int32Array(expected)
  }

  add(added: Kind, start: number, end: number): void {
    const { count } = this
    if (count === this.kinds.length) this.#grow()
    this.kinds[count] = added
    this.starts[count] = start
    this.ends[count] = end
    this.count = count + 1
    if (added >= firstMeaningless) this.hasMeaningless = true
  }

  #grow(): void {
    const room = this.kinds.length * 2 + 16
    this.kinds = enlarged(this.kinds, new Uint8Array(room))
    this.starts = enlarged(this.starts, new Int32Array(room))
    this.ends = enlarged(this.ends, new Int32Array(room))
  }
}

function enlarged<T extends Uint8Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
