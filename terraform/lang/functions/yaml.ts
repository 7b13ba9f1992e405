// `yamlencode` and `yamldecode`: values as the block style that Terraform writes, and YAML read into values.

import { isAlias, isMap, isScalar, isSeq, type Node, parseAllDocuments } from 'yaml'
import { formatNum, numFromJs, parseNum } from '../../values/number.ts'
import { bool, nullOf, number, object, string, tuple, type Value } from '../../values/value.ts'

/** Ends in a line end, as a file does. */
export function encodeYaml(value: Value): string {
  const text = encodeNode(value, '')
  return `${text.replace(/^\n/, '')}\n`
}

const isEmpty = (value: Value) =>
  ('elements' in value && value.elements.length === 0) || ('entries' in value && value.entries.size === 0)

/** Behind a key or a dash; a block begins with its own line end. */
function encodeNode(value: Value, indent: string): string {
  switch (value.kind) {
    case 'string':
      return encodeText(value.value, indent)
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
  const node = encodeNode(value, `${indent}  `)
  // A block's first line stands behind the dash.
  return `\n${indent}- ${node.startsWith('\n') ? node.slice(1).trimStart() : node}`
}

function encodeEntry(key: string, value: Value, indent: string): string {
  const isSequence = 'elements' in value
  const node = encodeNode(value, isSequence ? indent : `${indent}  `)
  return `\n${indent}${quote(key)}:${node.startsWith('\n') ? node : ` ${node}`}`
}

const quote = (text: string) =>
  JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (sign) => {
    const code = sign.charCodeAt(0)
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0').toUpperCase()}`
      : `\\u${code.toString(16).padStart(4, '0').toUpperCase()}`
  })

/** Text of several lines as a literal block, whose mark tells how many line ends close it. */
function encodeText(text: string, indent: string): string {
  if (!text.includes('\n')) return quote(text)
  const inner = indent === '' ? '  ' : indent
  const chomping = !text.endsWith('\n') ? '-' : text.endsWith('\n\n') || text === '\n' ? '+' : ''
  const leading = /^[ \n]/.test(text) ? '2' : ''
  const lines = text.replace(/\n$/, '').split('\n')
  return `|${leading}${chomping}${lines.map((line) => (line === '' ? '\n' : `\n${inner}${line}`)).join('')}`
}

// Text that names a node again and again can stand for more than any memory holds.
const maxAliases = 100

/** The value, or what is wrong with the text. */
export function decodeYaml(text: string): Value | { readonly problem: string } {
  const documents = parseAllDocuments(text, { version: '1.2', merge: true, stringKeys: false, uniqueKeys: true })
  if (!Array.isArray(documents)) return nullOf()
  if (documents.length > 1) return { problem: 'it holds more than one document' }
  const [document] = documents
  const [error] = document?.errors ?? []
  if (!document || error) return { problem: error ? (error.message.split('\n')[0] as string) : 'it holds no document' }
  if (document.contents === null) return nullOf()
  let aliases = 0
  const read = (node: Node | null | undefined): Value | { readonly problem: string } => {
    if (isAlias(node)) {
      if (++aliases > maxAliases) return { problem: `it uses more than ${maxAliases} aliases` }
      return read(node.resolve(document) as Node | undefined)
    }
    if (isSeq(node)) return readAll(node.items as Node[], read, tuple)
    if (isMap(node)) return readEntries(node.items as readonly YamlPair[], read)
    return isScalar(node) ? readScalar(node.value, node.source, node.type) : nullOf()
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

function readScalar(value: unknown, source: string | undefined, style: unknown): Value {
  if (typeof value === 'string') return string(value)
  if (typeof value === 'boolean') return bool(value)
  if (typeof value === 'bigint') return number(parseNum(String(value)) ?? numFromJs(0))
  if (typeof value === 'number') {
    const exact = style === 'PLAIN' && source !== undefined ? parseNum(source) : undefined
    return Number.isFinite(value) ? number(exact ?? numFromJs(value)) : string(source ?? String(value))
  }
  return nullOf()
}
