// Values and types in the format of `tofu console`: valid expressions of the language.

import { formatNum } from '../values/number.ts'
import { nameOfType, type Type } from '../values/type.ts'
import { ephemeralMark, isSensitive, type Value } from '../values/value.ts'

export function valueToText(value: Value, indent = 0): string {
  if (value.kind === 'unknown') return '(known after apply)'
  if (isSensitive(value)) return '(sensitive value)'
  if ((value.marks & ephemeralMark) !== 0) return '(ephemeral value)'
  switch (value.kind) {
    case 'null':
      return nullToText(value.type)
    case 'string':
      return value.value.includes('\n') ? heredoc(value.value, indent) : quote(value.value)
    case 'number':
      return formatNum(value.value)
    case 'bool':
      return String(value.value)
    case 'tuple':
      return sequence(value.elements, indent)
    case 'list':
    case 'set':
      return `to${value.kind}(${sequence(value.elements, indent)})`
    case 'object':
      return mapping(value.entries, indent)
    case 'map':
      return `tomap(${mapping(value.entries, indent)})`
  }
}

function nullToText(type: Type): string {
  switch (type.kind) {
    case 'dynamic':
      return 'null'
    case 'string':
    case 'number':
    case 'bool':
      return `to${type.kind}(null)`
    case 'list':
    case 'set':
    case 'map':
      return `to${type.kind}(null) /* of ${nameOfType(type.element)} */`
    default:
      return `null /* ${nameOfType(type)} */`
  }
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

// Control characters, separators except the space, and unassigned characters: invisible in output.
const needsEscape = /["\\]|[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu

function quote(text: string): string {
  return `"${text.replace(needsEscape, (character) => escapes[character] ?? escapeByCode(character))}"`
}

function escapeByCode(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** Extends the delimiter until it differs from every line of the text. */
function heredoc(text: string, indent: number): string {
  const lines = text.split('\n')
  let delimiter = 'EOT'
  while (lines.some((line) => line.trim() === delimiter)) delimiter += '_'
  const lead = ' '.repeat(indent)
  return `${indent > 0 ? '<<-' : '<<'}${delimiter}\n${[...lines, delimiter].map((line) => lead + line).join('\n')}`
}

function sequence(elements: readonly Value[], indent: number): string {
  const lead = ' '.repeat(indent + 2)
  return enclose(
    '[]',
    elements.map((element) => `${lead}${valueToText(element, indent + 2)},`),
    indent,
  )
}

function mapping(entries: ReadonlyMap<string, Value>, indent: number): string {
  const lead = ' '.repeat(indent + 2)
  const lines = [...entries].map(
    ([key, entry]) => `${lead}${keyToText(key, indent + 2)} = ${valueToText(entry, indent + 2)}`,
  )
  return enclose('{}', lines, indent)
}

const keyToText = (key: string, indent: number) => (key.includes('\n') ? heredoc(key, indent) : quote(key))

function enclose(brackets: string, lines: readonly string[], indent: number): string {
  return lines.length === 0 ? brackets : [brackets[0], ...lines, ' '.repeat(indent) + brackets[1]].join('\n')
}

/** The output of the console's `type(…)`. */
export function typeToText(type: Type, level = 0): string {
  const inner = '    '.repeat(level + 1)
  const outer = '    '.repeat(level)
  switch (type.kind) {
    case 'object': {
      const names = [...type.attributes.keys()].sort()
      const lines = names.map(
        (name) => `${inner}${name}: ${typeToText(type.attributes.get(name) as Type, level + 1)},\n`,
      )
      return lines.length === 0 ? 'object({})' : `object({\n${lines.join('')}${outer}})`
    }
    case 'tuple': {
      const lines = type.elements.map((element) => `${inner}${typeToText(element, level + 1)},\n`)
      return lines.length === 0 ? 'tuple([])' : `tuple([\n${lines.join('')}${outer}])`
    }
    case 'list':
    case 'set':
    case 'map': {
      const { element } = type
      const isLong = element.kind === 'object' || element.kind === 'tuple'
      return isLong
        ? `${type.kind}(\n${inner}${typeToText(element, level + 1)},\n${outer})`
        : `${type.kind}(${typeToText(element, level)})`
    }
    default:
      return type.kind
  }
}
