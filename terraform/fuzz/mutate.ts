// Mutates text at random, mostly with tokens that lead to rare cases of the grammar.

import type { Random } from '../testing/random.ts'

const pieces = [
  ...['"', '${', '%{', '${~', '~}', '}', '{', '(', ')', '[', ']', '\\', '\n', '\r\n', '\r', '*', '...', '=', '?', ':'],
  ...['<<-EOT\n', '<<EOT\n', 'EOT\n', '\n  EOT\n', '::', '=>', '==', '&&', '||', '&', '|', '/*', '*/', '//', '#', ','],
  ...[
    'for ',
    ' in ',
    'if ',
    'else',
    'endif',
    'endfor',
    '.',
    '0',
    '1.5',
    '1..2',
    '1e5',
    'null',
    '!',
    '-',
    '$',
    '%',
    '$$',
  ],
  ...['\u0000', '\ud83d', '\udc80', 'é', 'e\u0301', '😀', "'", '`', ';', '\\u00e9', '\\u12', '\ufeff', '\u2028'],
  ...['local.a', 'self', 'each.value', 'count = ', 'dynamic "x" ', '[*]', '.*', '(1)', 'a = 1\n', 'b {\n'],
]

export function mutate(text: string, random: Random): string {
  let result = text
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(result.length + 1)
    const length = random.below(12)
    switch (random.below(5)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length)
        break
      case 1:
        result = result.slice(0, at) + result.slice(at, at + length) + result.slice(at)
        break
      case 2:
        result = result.slice(0, at) + random.oneOf(pieces) + result.slice(at + length)
        break
      default:
        result = result.slice(0, at) + random.oneOf(pieces) + result.slice(at)
    }
  }
  // Sometimes truncates the text.
  return random.oneIn(20) ? result.slice(0, random.below(result.length + 1)) : result
}
