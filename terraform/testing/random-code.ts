// Generates configuration files with every syntactic form, and with spaces and comments at all allowed positions. Nearly
// all are free of syntax errors; their meaning is irrelevant.

import type { Random } from './random.ts'

export const randomFile = (random: Random): string => new CodeWriter(random).file()

// The maximum nesting of expressions.
const maxDepth = 4

const operators = ['+', '-', '*', '/', '%', '==', '!=', '<', '>', '<=', '>=', '&&', '||']

class CodeWriter {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  file(): string {
    const random = this.#random
    const items = random.several(1, 4, () => (random.oneIn(2) ? this.#block(0) : this.#argument())).join('')
    const start = random.oneIn(10) ? '\ufeff' : ''
    const end = random.oneIn(5) ? items.trimEnd() + random.oneOf(['', ' ', '  \t']) : items
    return start + end
  }

  #gap = () => this.#random.oneOf(['', '', '', ' ', ' ', '  ', '\t', '   '])
  #gapOrNewline = (mayBreak: boolean) => this.#gap() + (mayBreak ? this.#random.oneOf(['', '', '\n']) : '')
  #separator = () => this.#random.oneOf([' ', ' ', '  ', '\t', ' /* c */ '])
  #lineEnd = () => this.#random.oneOf(['\n', '\n', '\n', '\r\n', ' # c\n', '   // cc\n', ' #é\n', '\t# x\n'])
  #name = () =>
    this.#random.oneOf(['a', 'b', 'foo', 'bar_baz', 'long_name_here', 'é', 'x-y', 'in', 'for_each', 'type', 'default'])

  #argument(): string {
    const random = this.#random
    const name = `${this.#name()}${random.below(1000)}${random.oneOf(['', '', '_abcdef'])}`
    const head = `${this.#gap()}${name}${this.#gap()}=${this.#gap()}`
    return random.oneIn(8) ? `${head}${this.#heredoc()}\n` : `${head}${this.#expression(0, false)}${this.#lineEnd()}`
  }

  #block(depth: number): string {
    const random = this.#random
    const labels = random.several(0, 2, () => this.#separator() + this.#label()).join('')
    const head = random.oneIn(4)
      ? `variable${this.#separator()}"v"${this.#gap()}`
      : `${this.#gap()}${random.oneOf(['variable', 'resource', 'locals', 'é'])}${labels}${this.#gap()}`
    if (random.oneIn(6)) {
      return `${head}{${this.#gap()}${random.oneOf(['', 'a = 1', 'b=c', 'b="${c}"'])}${this.#gap()}}${this.#lineEnd()}`
    }
    return `${head}{${this.#lineEnd()}${this.#body(depth + 1)}${this.#gap()}}${this.#lineEnd()}`
  }

  #label = () =>
    this.#random.oneOf(['"l"', '"two words"', 'word', '"\\u00e9x"', '"tab\\t"', '"$${y}"', '"a$b"', '"100%"', '""'])

  #body(depth: number): string {
    const random = this.#random
    const type = random.oneOf(['string', '"string"', 'list', '"list"', '"map"', 'map', 'set', '"set"', '"${string}"'])
    const declared = random.oneIn(4) ? `${this.#gap()}type${this.#gap()}=${this.#gap()}${type}${this.#lineEnd()}` : ''
    return declared + random.several(0, 5, () => this.#item(depth)).join('')
  }

  #item(depth: number): string {
    const random = this.#random
    if (random.oneIn(2)) return this.#argument()
    if (depth < 3 && random.oneIn(2)) return this.#block(depth)
    return random.oneOf(['\n', '\n\n', '  \n', '# comment\n', '  // c\n', '/* block */\n', '/* two\n lines */\n'])
  }

  #heredoc(): string {
    const random = this.#random
    const lines = random.several(0, 4, () =>
      random.oneOf([
        'line\n',
        '  indented ${ x }\n',
        '$$ %\n',
        '%{ if a }b%{ endif }\n',
        '\n',
        '"q"\n',
        '$\n',
        '${\n  x\n}\n',
        '${f( 1,2 )}${y}\n',
        '%{ for x in y ~}\n${x}\n%{ endfor ~}\n',
      ]),
    )
    return `<<${random.oneOf(['', '-'])}EOT\n${lines.join('')}${this.#gap()}EOT`
  }

  /** @param mayBreak inside brackets, where newlines are insignificant */
  #expression(depth: number, mayBreak: boolean): string {
    const forms = depth < maxDepth && !this.#random.oneIn(3) ? this.#compounds : this.#simples
    return this.#random.oneOf(forms)(depth + 1, mayBreak)
  }

  readonly #simples: readonly ((depth: number, mayBreak: boolean) => string)[] = [
    () => this.#random.oneOf(['1', '0.5', '1e10', '12345', 'true', 'false', 'null']),
    () => this.#name(),
    () => `${this.#name()}${this.#gap()}.${this.#gap()}${this.#name()}`,
    () => this.#random.oneOf(['"text"', '"a b"', '"é"', '"$${x}"', '"a$b"', '"100%"', '"\\n"', '""']),
    () => this.#name() + this.#random.oneOf(['[0]', '["k"]', '.0', '[*]', '.*.a', '[*].b[1]', '[ 0 ]', '[true]']),
    () => `-${this.#gap()}${this.#name()}`,
  ]

  readonly #compounds: readonly ((depth: number, mayBreak: boolean) => string)[] = [
    (depth, mayBreak) =>
      `${this.#expression(depth, mayBreak)}${this.#gap()}${this.#random.oneOf(operators)}${this.#gapOrNewline(mayBreak)}${this.#expression(depth, mayBreak)}`,
    (depth, mayBreak) => `!${this.#gap()}${this.#expression(depth, mayBreak)}`,
    (depth) => `(${this.#gapOrNewline(true)}${this.#expression(depth, true)}${this.#gapOrNewline(true)})`,
    (depth, mayBreak) =>
      `${this.#expression(depth, mayBreak)}${this.#gap()}?${this.#gapOrNewline(mayBreak)}${this.#expression(depth, mayBreak)}${this.#gap()}:${this.#gap()}${this.#expression(depth, mayBreak)}`,
    (depth) => this.#tuple(depth),
    (depth) => this.#object(depth),
    (depth) =>
      `${this.#random.oneOf(['f', 'core::f', 'max', 'provider::x::y'])}${this.#gap()}(${this.#gapOrNewline(true)}${this.#random.several(0, 3, () => this.#expression(depth, true)).join(`,${this.#gap()}`)})`,
    (depth) => `"\${${this.#gapOrNewline(true)}${this.#expression(depth, true)}${this.#gap()}}"`,
    (depth) =>
      `"${this.#random.oneOf(['', 'a '])}\${${this.#random.oneOf(['', '~'])}${this.#gap()}${this.#expression(depth, true)}${this.#gap()}}${this.#random.oneOf(['', ' b', '${x}'])}"`,
    (depth) =>
      `[${this.#gap()}for ${this.#random.oneOf(['x', 'k, v', 'k,v'])} in ${this.#expression(depth, true)}${this.#gap()}:${this.#gap()}${this.#expression(depth, true)}${this.#random.oneOf(['', ' if x '])}]`,
    (depth) =>
      `{${this.#gap()}for k,v in ${this.#expression(depth, true)}${this.#gap()}:${this.#gap()}k${this.#gap()}=>${this.#gap()}${this.#expression(depth, true)}${this.#random.oneOf(['', '...', ' if v'])}}`,
    (depth) => `"%{ if ${this.#expression(depth, true)}${this.#gap()}}x%{ else }y%{endif}"`,
    (depth) => `${this.#name()}[ ${this.#expression(depth, true)} ]`,
  ]

  #tuple(depth: number): string {
    const random = this.#random
    const elements = random.several(0, 4, () => this.#expression(depth, true))
    const comma = `,${random.oneOf(['', ' ', '\n', '  ', ' # c\n', ' /* x */ '])}`
    const last = elements.length > 0 && random.oneIn(3) ? ',' : ''
    return `[${random.oneOf(['', '\n', ' ', '\n # c\n'])}${elements.join(comma)}${last}${random.oneOf(['', '\n', ' '])}]`
  }

  #object(depth: number): string {
    const random = this.#random
    const items = random.several(0, 4, () => {
      const key = random.oneOf([this.#name(), '"k"', `(${this.#name()})`, '1'])
      return `${key}${this.#gap()}${random.oneOf(['=', ':', '='])}${this.#gap()}${this.#expression(depth, false)}`
    })
    const separator = random.oneOf(['\n', ',', '\n', ',\n', ' # c\n'])
    return `{${random.oneOf(['', '\n', ' '])}${items.join(separator)}${random.oneOf(['', '\n'])}}`
  }
}
