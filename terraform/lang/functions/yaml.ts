// `yamlencode` and `yamldecode`: writes values in Terraform's block style, and parses YAML into values.

import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments, type Scalar } from 'yaml'
import { formatNum, numFromJs, parseNum } from '../../values/number.ts'
import { bool, nullOf, number, object, string, tuple, type Value } from '../../values/value.ts'

/** Ends with a newline. */
export function encodeYaml(value: Value): string {
  const text = encodeNode(value, '', 0)
  // A top-level plain scalar has no end marker.
  const isPlain = value.kind === 'number' || value.kind === 'bool' || value.kind === 'null'
  return `${text.replace(/^\n/, '')}\n${isPlain ? '...\n' : ''}`
}

const isEmpty = (value: Value) =>
  ('elements' in value && value.elements.length === 0) || ('entries' in value && value.entries.size === 0)

/** Writes a value after a key or a dash, at `column`. A block starts with its own newline. */
function encodeNode(value: Value, indent: string, column: number): string {
  switch (value.kind) {
    case 'string':
      return encodeText(value.value, indent || '  ', column)
    case 'number':
      return formatNum(value.value)
    case 'bool':
      return String(value.value)
    case 'list':
    case 'set':
    case 'tuple':
      return isEmpty(value) ? '[]' : value.elements.map((element) => encodeElement(element, indent)).join('')
    case 'map':
    case 'object':
      return isEmpty(value) ? '{}' : [...value.entries].map(([key, entry]) => encodeEntry(key, entry, indent)).join('')
    default:
      return 'null'
  }
}

function encodeElement(value: Value, indent: string): string {
  const node = encodeNode(value, `${indent}  `, indent.length + 2)
  // The first line of a block follows the dash.
  return `\n${indent}- ${node.startsWith('\n') ? node.slice(1).trimStart() : node}`
}

function encodeEntry(key: string, value: Value, indent: string): string {
  const name = quote(key)
  const node = encodeNode(value, 'elements' in value ? indent : `${indent}  `, indent.length + name.length + 2)
  return `\n${indent}${name}:${node.startsWith('\n') ? node : ` ${node}`}`
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\ufeff': '\\uFEFF',
  '\u2028': '\\L',
  '\u2029': '\\P',
  '\xa0': '\\_',
}

const needsEscape = /[^ !#-[\]-~\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu

const quote = (text: string) =>
  `"${text.replace(needsEscape, (character) => {
    const code = character.codePointAt(0) as number
    const hex = code.toString(16).toUpperCase()
    const long = code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
    return shortEscapes[character] ?? (code > 0xff ? long : `\\x${hex.padStart(2, '0')}`)
  })}"`

// Terraform's line width; lines break at the first space after it.
const lineWidth = 80

/** A multi-line string as a literal block, whose header encodes the number of trailing newlines. */
function encodeText(text: string, indent: string, column: number): string {
  if (!text.includes('\n')) return fold(quote(text), indent, column)
  const chomping = !text.endsWith('\n') ? '-' : text.endsWith('\n\n') || text === '\n' ? '+' : ''
  const leading = /^[ \n]/.test(text) ? '2' : ''
  const lines = text.replace(/\n$/, '').split('\n')
  return `|${leading}${chomping}${lines.map((line) => (line === '' ? '\n' : `\n${indent}${line}`)).join('')}`
}

function fold(quoted: string, indent: string, start: number): string {
  let folded = ''
  let column = start
  for (const [index, character] of [...quoted].entries()) {
    const isBreak =
      character === ' ' && column > lineWidth && folded.at(-1) !== ' ' && index > 1 && index < quoted.length - 2
    if (isBreak) {
      folded += `\n${indent}${quoted[index + 1] === ' ' ? '\\' : ''}`
      column = indent.length
    } else {
      folded += character
      column++
    }
  }
  return folded
}

// Repeated aliases can expand beyond any memory.
const maxAliases = 100

/** Returns the value or an error. */
export function decodeYaml(text: string): Value | { readonly problem: string } {
  const documents = parseAllDocuments(text, { version: '1.2', uniqueKeys: false })
  if (!Array.isArray(documents) || documents.length === 0) return { problem: 'it contains no document' }
  if (documents.length > 1) return { problem: 'it contains more than one document' }
  const [document] = documents
  const [error] = document?.errors ?? []
  if (!document || error)
    return { problem: error ? (error.message.split('\n')[0] as string) : 'it contains no document' }
  if (document.contents === null) return { problem: 'it contains no document' }
  let aliases = 0
  const read = (node: Node | null | undefined): Value | { readonly problem: string } => {
    if (isAlias(node)) {
      if (++aliases > maxAliases) return { problem: `it uses more than ${maxAliases} aliases` }
      return read(node.resolve(document) as Node | undefined)
    }
    const tag = node?.tag
    if (tag?.startsWith('!') && !tag.startsWith('!!')) return { problem: `unknown tag ${tag}` }
    if (isSeq(node)) return readAll(node.items as Node[], read, tuple)
    if (isMap(node)) return readEntries(node.items as readonly YamlPair[], read)
    return isScalar(node) ? readScalar(node) : nullOf()
  }
  return read(document.contents as Node)
}

interface YamlPair {
  readonly key: Node
  readonly value: Node | null
}
type Read = (node: Node | null | undefined) => Value | { readonly problem: string }

function readAll(items: readonly Node[], read: Read, make: (values: readonly Value[]) => Value) {
  const values: Value[] = []
  for (const item of items) {
    const value = read(item)
    if ('problem' in value) return value
    values.push(value)
  }
  return make(values)
}

function readEntries(pairs: readonly YamlPair[], read: Read): Value | { readonly problem: string } {
  const entries = new Map<string, Value>()
  const merged = new Map<string, Value>()
  for (const { key, value: node } of pairs) {
    const name = read(key)
    if ('problem' in name) return name
    const value = read(node)
    if ('problem' in value) return value
    if (name.kind === 'string' && name.value === '<<' && isPlain(key)) {
      for (const source of 'elements' in value ? value.elements : [value]) {
        if (source.kind === 'object') for (const [k, v] of source.entries) if (!merged.has(k)) merged.set(k, v)
      }
    } else {
      const text = scalarText(name)
      if (text === undefined) return { problem: 'the key of a mapping must be a string, a number or a bool' }
      entries.set(text, value)
    }
  }
  return object([...merged, ...entries])
}

const isPlain = (node: Node) => isScalar(node) && node.type === 'PLAIN'

const scalarText = (value: Value): string | undefined =>
  value.kind === 'string'
    ? value.value
    : value.kind === 'number'
      ? formatNum(value.value)
      : value.kind === 'bool'
        ? String(value.value)
        : undefined

// YAML 1.1, as in Terraform.
const trueWords = /^(?:y|yes|on|true)$/i
const falseWords = /^(?:n|no|off|false)$/i
const datePattern = /^\d{4}-\d\d-\d\d$/
const timePattern = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/

function readScalar({ value, source, type, tag }: Scalar): Value | { readonly problem: string } {
  if (tag === 'tag:yaml.org,2002:binary') return string(source ?? '')
  if (value instanceof Uint8Array) return string(source ?? '')
  if (typeof value === 'boolean') return bool(value)
  if (typeof value === 'number' || typeof value === 'bigint') {
    const exact = type === 'PLAIN' && source !== undefined ? parseNum(source) : undefined
    if (exact !== undefined) return number(exact)
    return Number.isNaN(Number(value)) ? { problem: `${source} is not a number` } : number(numFromJs(Number(value)))
  }
  if (typeof value !== 'string') return nullOf()
  return type === 'PLAIN' && tag === undefined ? readPlain(value) : string(value)
}

function readPlain(text: string): Value {
  if (trueWords.test(text)) return bool(true)
  if (falseWords.test(text)) return bool(false)
  if (datePattern.test(text)) return string(`${text}T00:00:00Z`)
  const [, time, zone] = timePattern.exec(text) ?? []
  return string(time === undefined ? text : `${time.toUpperCase()}${zone}`)
}
