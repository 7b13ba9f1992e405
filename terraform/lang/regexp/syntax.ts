// Parses regular expressions in Terraform's syntax, RE2, and rejects the same patterns.

export type Node =
  | { readonly type: 'empty' }
  | { readonly type: 'character'; readonly matches: CharacterTest }
  | { readonly type: 'assertion'; readonly kind: Assertion }
  | { readonly type: 'group'; readonly index: number; readonly inner: Node }
  | { readonly type: 'sequence'; readonly items: readonly Node[] }
  | { readonly type: 'choice'; readonly items: readonly Node[] }
  | {
      readonly type: 'repeat'
      readonly inner: Node
      readonly min: number
      /** Infinity if unbounded. */
      readonly max: number
      readonly isGreedy: boolean
    }

/** `^` and `$` are `text-…` or, with the flag `m`, `line-…`. */
export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word-boundary' | 'no-word-boundary'

export type CharacterTest = (codePoint: number) => boolean

export interface Syntax {
  readonly root: Node
  /** By group number from 1; undefined for a group without a name. */
  readonly groupNames: readonly (string | undefined)[]
}

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly U: boolean
}

// RE2's limit for a repetition, and for the product of nested repetitions.
const maxRepeat = 1_000
// Limits the recursion depth.
const maxDepth = 200

class PatternSyntaxError extends Error {}

/** Returns the syntax tree or an error. */
export function parsePattern(pattern: string): Syntax | string {
  try {
    return new Parser(pattern).parse()
  } catch (error) {
    if (error instanceof PatternSyntaxError) return error.message
    throw error
  }
}

class Parser {
  readonly #text: string[]
  #at = 0
  #flags: Flags = { i: false, m: false, s: false, U: false }
  #depth = 0
  readonly #groupNames: (string | undefined)[] = []

  constructor(pattern: string) {
    this.#text = [...pattern]
  }

  parse(): Syntax {
    const root = this.#parseChoice()
    if (this.#at < this.#text.length) this.#reject('unexpected )')
    if (repeatsOf(root) > maxRepeat) this.#reject('its repetitions multiply to more than 1,000')
    return { root, groupNames: this.#groupNames }
  }

  #reject(problem: string): never {
    throw new PatternSyntaxError(problem)
  }

  #peek(offset = 0): string | undefined {
    return this.#text[this.#at + offset]
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#at++
    return true
  }

  #parseChoice(): Node {
    if (++this.#depth > maxDepth) this.#reject('its groups are nested too deeply')
    const items = [this.#parseSequence()]
    while (this.#take('|')) items.push(this.#parseSequence())
    this.#depth--
    return items.length === 1 ? (items[0] as Node) : { type: 'choice', items }
  }

  #parseSequence(): Node {
    const items: Node[] = []
    for (
      let character = this.#peek();
      character !== undefined && character !== '|' && character !== ')';
      character = this.#peek()
    ) {
      if (character === '\\' && this.#peek(1) === 'Q') items.push(...this.#parseQuoted())
      else items.push(this.#parseRepetition(this.#parseAtom()))
    }
    return { type: 'sequence', items }
  }

  /** `\Q…\E`: a repetition after it applies to its last character. */
  #parseQuoted(): Node[] {
    this.#at += 2
    const nodes: Node[] = []
    while (this.#at < this.#text.length) {
      if (this.#peek() === '\\' && this.#peek(1) === 'E') {
        this.#at += 2
        break
      }
      nodes.push(this.#toLiteral(codeOf(this.#next())))
    }
    const last = nodes.pop()
    return last ? [...nodes, this.#parseRepetition(last)] : nodes
  }

  #next(): string {
    return this.#text[this.#at++] ?? this.#reject('it ends in a backslash')
  }

  #parseRepetition(atom: Node): Node {
    const bounds = this.#parseBounds()
    if (!bounds) return atom
    const isGreedy = this.#take('?') === this.#flags.U
    if (this.#parseBounds()) this.#reject('a repetition directly follows another one')
    return { type: 'repeat', inner: atom, ...bounds, isGreedy }
  }

  #parseBounds(): { min: number; max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Number.POSITIVE_INFINITY }
    if (this.#take('+')) return { min: 1, max: Number.POSITIVE_INFINITY }
    if (this.#take('?')) return { min: 0, max: 1 }
    if (this.#peek() !== '{') return undefined
    const end = this.#text.indexOf('}', this.#at)
    const written = end === -1 ? '' : this.#text.slice(this.#at, end + 1).join('')
    const [, low, comma, high] = /^\{(\d+)(,?)(\d*)\}$/.exec(written) ?? []
    // An invalid repetition is a literal brace.
    if (low === undefined || (comma === '' && high !== '')) return undefined
    const min = Number(low)
    const max = comma === '' ? min : high === '' ? Number.POSITIVE_INFINITY : Number(high)
    if (min > maxRepeat || (max !== Number.POSITIVE_INFINITY && max > maxRepeat) || max < min) {
      this.#reject(`${written} is not a valid repetition: the minimum comes first, and neither exceeds ${maxRepeat}`)
    }
    this.#at = end + 1
    return { min, max }
  }

  #parseAtom(): Node {
    const character = this.#next()
    switch (character) {
      case '(':
        return this.#parseGroup()
      case '[':
        return { type: 'character', matches: this.#parseClass() }
      case '.':
        return { type: 'character', matches: this.#flags.s ? () => true : (code) => code !== 0x0a }
      case '^':
        return { type: 'assertion', kind: this.#flags.m ? 'line-start' : 'text-start' }
      case '$':
        return { type: 'assertion', kind: this.#flags.m ? 'line-end' : 'text-end' }
      case '*':
      case '+':
      case '?':
        return this.#reject(`${character} has nothing to repeat`)
      case '\\':
        return this.#parseEscape()
      default:
        return this.#toLiteral(codeOf(character))
    }
  }

  #toLiteral(code: number): Node {
    return { type: 'character', matches: this.#foldCase((candidate) => candidate === code) }
  }

  /** With the flag `i`, a character matches both cases. */
  #foldCase(test: CharacterTest): CharacterTest {
    if (!this.#flags.i) return test
    return (code) => test(code) || foldsOf(code).some(test)
  }

  #parseGroup(): Node {
    if (!this.#take('?')) return this.#parseCapture(undefined)
    if (
      (this.#peek() === 'P' && this.#peek(1) === '<') ||
      (this.#peek() === '<' && !'=!'.includes(this.#peek(1) ?? ''))
    ) {
      this.#take('P')
      return this.#parseCapture(this.#parseGroupName())
    }
    return this.#parseFlagGroup()
  }

  #parseGroupName(): string {
    this.#at++
    const end = this.#text.indexOf('>', this.#at)
    const name = this.#text.slice(this.#at, end === -1 ? undefined : end).join('')
    if (end === -1 || !/^\w+$/.test(name)) this.#reject(`"${name}" is not a group name`)
    this.#at = end + 1
    return name
  }

  #parseCapture(name: string | undefined): Node {
    this.#groupNames.push(name)
    const index = this.#groupNames.length
    return { type: 'group', index, inner: this.#parseClosedGroup(this.#flags) }
  }

  /** Parses up to the closing parenthesis, which ends the scope of flags. */
  #parseClosedGroup(flags: Flags): Node {
    const outer = this.#flags
    this.#flags = flags
    const inner = this.#parseChoice()
    this.#flags = outer
    if (!this.#take(')')) this.#reject('the closing ) is missing')
    return inner
  }

  #parseFlagGroup(): Node {
    let flags = this.#flags
    let value = true
    for (;;) {
      const character = this.#peek()
      this.#at++
      if (character === ')') {
        this.#flags = flags
        return { type: 'empty' }
      }
      if (character === ':') return this.#parseClosedGroup(flags)
      if (character === '-' && value) value = false
      else if (character === 'i' || character === 'm' || character === 's' || character === 'U')
        flags = { ...flags, [character]: value }
      else this.#reject(`(?${character ?? ''} is not a supported group: look-around is not available`)
    }
  }

  #parseEscape(): Node {
    const character = this.#peek()
    const kind = character === undefined ? undefined : assertions[character]
    if (kind) {
      this.#at++
      return { type: 'assertion', kind }
    }
    const set = this.#classEscape()
    return set ? { type: 'character', matches: this.#foldCase(set) } : this.#toLiteral(this.#characterEscape())
  }

  /** Parses the letter after the backslash: `\d`, `\pL`. */
  #classEscape(): CharacterTest | undefined {
    const character = this.#peek() ?? ''
    if (Object.hasOwn(perlClasses, character)) {
      this.#at++
      return perlClasses[character]
    }
    if (character !== 'p' && character !== 'P') return undefined
    this.#at++
    return this.#unicodeClass(character === 'P')
  }

  #unicodeClass(isNegated: boolean): CharacterTest {
    let name = this.#next()
    if (name === '{') {
      const end = this.#text.indexOf('}', this.#at)
      if (end === -1) this.#reject('the closing } of a character class is missing')
      name = this.#text.slice(this.#at, end).join('')
      this.#at = end + 1
    }
    const isInverted = name.startsWith('^')
    const property = unicodeProperty(isInverted ? name.slice(1) : name)
    if (!property) this.#reject(`unknown character class "${name}"`)
    return isNegated === isInverted ? property : (code) => !property(code)
  }

  #characterEscape(): number {
    const character = this.#next()
    if (Object.hasOwn(controlEscapes, character)) return controlEscapes[character] as number
    if (character === 'x') return this.#hexEscape()
    if (/[0-7]/.test(character)) return this.#octalEscape(character)
    if (/[^A-Za-z0-9]/.test(character) && codeOf(character) < 0x80) return codeOf(character)
    return this.#reject(`\\${character} is not a valid escape`)
  }

  #hexEscape(): number {
    const braced = this.#take('{')
    const end = braced ? this.#text.indexOf('}', this.#at) : this.#at + 2
    const digits = this.#text.slice(this.#at, end === -1 ? undefined : end).join('')
    const code = Number.parseInt(digits, 16)
    const isValid = /^[\da-fA-F]+$/.test(digits) && code <= 0x10ffff && (braced ? end !== -1 : digits.length === 2)
    if (!isValid) this.#reject('\\x must be followed by two hexadecimal digits or {…}')
    this.#at = braced ? end + 1 : end
    return code
  }

  /** A single digit from 1 would be a backreference, which RE2 does not support. */
  #octalEscape(first: string): number {
    let digits = first
    if (first !== '0' && !/[0-7]/.test(this.#peek() ?? '')) this.#reject('backreferences are not supported')
    while (digits.length < 3 && /[0-7]/.test(this.#peek() ?? '')) digits += this.#next()
    return Number.parseInt(digits, 8)
  }

  #parseClass(): CharacterTest {
    const isNegated = this.#take('^')
    const tests: CharacterTest[] = []
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false) {
      if (this.#peek() === undefined) this.#reject('the closing ] is missing')
      tests.push(this.#posixClass() ?? this.#classItem())
    }
    this.#at++
    const test = this.#foldCase((code) => tests.some((matches) => matches(code)))
    return isNegated ? (code) => !test(code) : test
  }

  #posixClass(): CharacterTest | undefined {
    if (this.#peek() !== '[' || this.#peek(1) !== ':') return undefined
    const [written, inverted, name = ''] = /^\[:(\^?)(\w+):\]/.exec(this.#text.slice(this.#at).join('')) ?? []
    if (written === undefined) return undefined
    const pattern = Object.hasOwn(posixClasses, name) ? posixClasses[name] : undefined
    if (!pattern) this.#reject(`unknown character class "[:${name}:]"`)
    this.#at += written.length
    const test = testOf(pattern)
    return inverted ? (code) => !test(code) : test
  }

  #classItem(): CharacterTest {
    if (this.#peek() === '\\') {
      this.#at++
      const set = this.#classEscape()
      if (set) return set
      this.#at--
    }
    const low = this.#classCharacter()
    if (this.#peek() !== '-' || this.#peek(1) === ']' || this.#peek(1) === undefined) return (code) => code === low
    this.#at++
    const high = this.#classCharacter()
    if (high < low) this.#reject('a character range ends before its start')
    return (code) => code >= low && code <= high
  }

  #classCharacter(): number {
    const character = this.#next()
    return character === '\\' ? this.#characterEscape() : codeOf(character)
  }
}

const codeOf = (character: string): number => character.codePointAt(0) as number

/** The largest number of copies of a part after expansion of repetitions. */
function repeatsOf(node: Node): number {
  switch (node.type) {
    case 'repeat': {
      const copies = node.max === Number.POSITIVE_INFINITY ? node.min : node.max
      return Math.max(1, copies) * repeatsOf(node.inner)
    }
    case 'group':
      return repeatsOf(node.inner)
    case 'sequence':
    case 'choice':
      return Math.max(1, ...node.items.map(repeatsOf))
    default:
      return 1
  }
}

const assertions: Readonly<Record<string, Assertion>> = {
  A: 'text-start',
  z: 'text-end',
  b: 'word-boundary',
  B: 'no-word-boundary',
}

const testOf =
  (pattern: RegExp): CharacterTest =>
  (code) =>
    pattern.test(String.fromCodePoint(code))

const perlClasses: Readonly<Record<string, CharacterTest>> = {
  d: testOf(/[0-9]/),
  D: testOf(/[^0-9]/u),
  w: testOf(/[0-9A-Za-z_]/),
  W: testOf(/[^0-9A-Za-z_]/u),
  s: testOf(/[\t\n\f\r ]/),
  S: testOf(/[^\t\n\f\r ]/u),
}

const posixClasses: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the class contains control characters
  ascii: /[\x00-\x7f]/,
  blank: /[\t ]/,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the class contains control characters
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[\t\n\v\f\r ]/,
  upper: /[A-Z]/,
  word: /[0-9A-Za-z_]/,
  xdigit: /[0-9A-Fa-f]/,
}

const controlEscapes: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 }

function unicodeProperty(name: string): CharacterTest | undefined {
  if (name === 'Any') return () => true
  if (!/^\w+$/.test(name)) return undefined
  for (const property of [`General_Category=${name}`, `Script=${name}`]) {
    try {
      return testOf(new RegExp(`\\p{${property}}`, 'u'))
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  }
  return undefined
}

function foldsOf(code: number): number[] {
  const character = String.fromCodePoint(code)
  return [character.toLowerCase(), character.toUpperCase()].map(codeOf)
}
