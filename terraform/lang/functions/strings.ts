// Functions on text.

import { numToJs } from '../../values/number.ts'
import { boolType, dynamicType, listType, numberType, stringType } from '../../values/type.ts'
import { bool, list, nullOf, object, string, tuple, type Value } from '../../values/value.ts'
import { formatText } from '../format.ts'
import { compileRegExp, expandReplacement } from '../regexp.ts'
import {
  type Failure,
  type FunctionTable,
  fail,
  isFailure,
  type LanguageFunction,
  nullable,
  parameter,
} from './function.ts'

const textOf = (value: Value | undefined): string => (value?.kind === 'string' ? value.value : '')
const numberOf = (value: Value | undefined): number => (value?.kind === 'number' ? numToJs(value.value) : 0)
const elementsOf = (value: Value | undefined): readonly Value[] =>
  value?.kind === 'list' || value?.kind === 'set' || value?.kind === 'tuple' ? value.elements : []
const strings = (texts: readonly string[]) => list(stringType, texts.map(string))

const onText = (change: (text: string) => string): LanguageFunction => ({
  parameters: [parameter('str', stringType)],
  returns: stringType,
  call: ([text]) => string(change(textOf(text))),
})

const onTexts = (second: string, change: (text: string, other: string) => string): LanguageFunction => ({
  parameters: [parameter('str', stringType), parameter(second, stringType)],
  returns: stringType,
  call: ([text, other]) => string(change(textOf(text), textOf(other))),
})

const testTexts = (second: string, test: (text: string, other: string) => boolean): LanguageFunction => ({
  parameters: [parameter('str', stringType), parameter(second, stringType)],
  returns: boolType,
  call: ([text, other]) => bool(test(textOf(text), textOf(other))),
})

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const charactersOf = (text: string) => [...graphemes.segment(text)].map((character) => character.segment)

function trimSet(text: string, cutset: string, sides: 'both' | 'start' | 'end'): string {
  const cut = new Set(cutset)
  const characters = [...text]
  let start = 0
  let end = characters.length
  if (sides !== 'end') while (start < end && cut.has(characters[start] as string)) start++
  if (sides !== 'start') while (end > start && cut.has(characters[end - 1] as string)) end--
  return characters.slice(start, end).join('')
}

function replace(text: string, search: string, replacement: string): Value | Failure {
  const isPattern = search.length > 1 && search.startsWith('/') && search.endsWith('/')
  if (!isPattern) return string(text.replaceAll(search, () => replacement))
  const pattern = compileRegExp(search.slice(1, -1))
  if (typeof pattern === 'string') return fail(`it is no regular expression: ${pattern}.`, 1)
  let result = ''
  let end = 0
  for (const match of text.matchAll(pattern)) {
    result += text.slice(end, match.index) + expandReplacement(replacement, match)
    end = match.index + match[0].length
  }
  return string(result + text.slice(end))
}

function captured(match: RegExpExecArray): Value {
  if (match.groups) return object(Object.entries(match.groups).map(([name, text]) => [name, captureOf(text)]))
  return match.length > 1 ? tuple(match.slice(1).map(captureOf)) : string(match[0])
}

const captureOf = (text: string | undefined) => (text === undefined ? nullOf(stringType) : string(text))

function join(separator: string, lists: readonly Value[]): Value | Failure {
  const texts: string[] = []
  for (const [index, entry] of lists.entries()) {
    for (const element of elementsOf(entry)) {
      if (element.kind === 'null') return fail('an element of the list is null.', index + 1)
      texts.push(textOf(element))
    }
  }
  return string(texts.join(separator))
}

function substring(text: string, offset: number, length: number): Value | Failure {
  const characters = charactersOf(text)
  const start = offset < 0 ? Math.max(0, characters.length + offset) : offset
  if (length < -1) return fail('it must be at least -1, which means up to the end.', 2)
  return string(characters.slice(start, length === -1 ? undefined : start + length).join(''))
}

function indent(spaces: number, text: string): Value {
  return string(text.replaceAll('\n', `\n${' '.repeat(Math.max(0, spaces))}`))
}

function formatList(pattern: string, args: readonly Value[]): Value | Failure {
  const lists = args.filter((arg) => arg.kind === 'list' || arg.kind === 'tuple')
  const length = lists[0] ? elementsOf(lists[0]).length : 1
  if (lists.some((entry) => elementsOf(entry).length !== length)) return fail('all lists must have the same length.')
  const results: string[] = []
  for (let i = 0; i < length; i++) {
    const row = args.map((arg) => (arg.kind === 'list' || arg.kind === 'tuple' ? (arg.elements[i] as Value) : arg))
    const formatted = formatText(pattern, row)
    if (isFailure(formatted)) return formatted
    results.push(textOf(formatted))
  }
  return strings(results)
}

export const stringFunctions: FunctionTable = {
  chomp: onText((text) => text.replace(/[\r\n]+$/, '')),
  endswith: testTexts('suffix', (text, suffix) => text.endsWith(suffix)),
  format: {
    parameters: [parameter('format', stringType)],
    rest: nullable('args'),
    returns: stringType,
    call: ([pattern, ...args]) => formatText(textOf(pattern), args),
  },
  formatlist: {
    parameters: [parameter('format', stringType)],
    rest: nullable('args'),
    returns: listType(stringType),
    call: ([pattern, ...args]) => formatList(textOf(pattern), args),
  },
  indent: {
    parameters: [parameter('spaces', numberType), parameter('str', stringType)],
    returns: stringType,
    call: ([spaces, text]) => indent(numberOf(spaces), textOf(text)),
  },
  join: {
    parameters: [parameter('separator', stringType)],
    rest: parameter('lists', listType(stringType)),
    returns: stringType,
    call: ([separator, ...lists]) => join(textOf(separator), lists),
  },
  lower: onText((text) => text.toLowerCase()),
  regex: {
    parameters: [parameter('pattern', stringType), parameter('string', stringType)],
    returns: dynamicType,
    call: ([pattern, text]) => {
      const compiled = compileRegExp(textOf(pattern))
      if (typeof compiled === 'string') return fail(`it is no regular expression: ${compiled}.`, 0)
      const match = compiled.exec(textOf(text))
      return match ? captured(match) : fail('the pattern did not match any part of the given string.')
    },
  },
  regexall: {
    parameters: [parameter('pattern', stringType), parameter('string', stringType)],
    returns: dynamicType,
    call: ([pattern, text]) => {
      const compiled = compileRegExp(textOf(pattern))
      if (typeof compiled === 'string') return fail(`it is no regular expression: ${compiled}.`, 0)
      return tuple([...textOf(text).matchAll(compiled)].map(captured))
    },
  },
  replace: {
    parameters: [parameter('str', stringType), parameter('substr', stringType), parameter('replace', stringType)],
    returns: stringType,
    call: ([text, search, replacement]) => replace(textOf(text), textOf(search), textOf(replacement)),
  },
  split: {
    parameters: [parameter('separator', stringType), parameter('str', stringType)],
    returns: listType(stringType),
    call: ([separator, text]) => strings(textOf(text) === '' ? [''] : textOf(text).split(textOf(separator))),
  },
  startswith: testTexts('prefix', (text, prefix) => text.startsWith(prefix)),
  strcontains: testTexts('substr', (text, part) => text.includes(part)),
  strrev: onText((text) => charactersOf(text).reverse().join('')),
  substr: {
    parameters: [parameter('str', stringType), parameter('offset', numberType), parameter('length', numberType)],
    returns: stringType,
    call: ([text, offset, length]) => substring(textOf(text), numberOf(offset), numberOf(length)),
  },
  title: onText((text) =>
    text.replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase()),
  ),
  trim: onTexts('cutset', (text, cutset) => trimSet(text, cutset, 'both')),
  trimprefix: onTexts('prefix', (text, prefix) =>
    prefix && text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  trimspace: onText((text) => text.trim()),
  trimsuffix: onTexts('suffix', (text, suffix) =>
    suffix && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  upper: onText((text) => text.toUpperCase()),
}
