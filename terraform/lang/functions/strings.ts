// Functions on strings.

import { refine, safePrefix } from '../../values/refinement.ts'
import {
  boolType,
  dynamicType,
  listType,
  numberType,
  objectType,
  stringType,
  type Type,
  tupleType,
} from '../../values/type.ts'
import {
  bool,
  deepMarks,
  isFullyKnown,
  list,
  nullOf,
  object,
  string,
  tuple,
  unknown,
  type Value,
  withMarks,
} from '../../values/value.ts'
import {
  type Failure,
  type FunctionEnvironment,
  type FunctionTable,
  fail,
  isFailure,
  type LanguageFunction,
  nullable,
  parameter,
} from '../function.ts'
import { maxTextLength } from '../limits.ts'
import type { Match, RegExpProgram } from '../regexp/program.ts'
import { compileRegExp, expandReplacement } from '../regexp/regexp.ts'
import { elementsOf, isSequence, numberOf, textOf, workLimit } from './arguments.ts'
import { formatText } from './format.ts'

const strings = (texts: readonly string[]) => list(stringType, texts.map(string))

const textFunction = (change: (text: string) => string): LanguageFunction => ({
  parameters: [parameter('str', stringType)],
  returns: stringType,
  call: ([text]) => string(change(textOf(text))),
})

const textPairFunction = (second: string, change: (text: string, other: string) => string): LanguageFunction => ({
  parameters: [parameter('str', stringType), parameter(second, stringType)],
  returns: stringType,
  call: ([text, other]) => string(change(textOf(text), textOf(other))),
})

const textPredicate = (second: string, test: (text: string, other: string) => boolean): LanguageFunction => ({
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

const resultTooLarge = () => fail('the result is too large.')

function replace(text: string, search: string, replacement: string, environment: FunctionEnvironment): Value | Failure {
  const isPattern = search.length > 1 && search.startsWith('/') && search.endsWith('/')
  if (!isPattern) return replaceText(text, search, replacement, environment)
  const pattern = compileRegExp(search.slice(1, -1))
  if (typeof pattern === 'string') return fail(`${search} is not a valid regular expression: ${pattern}.`)
  let result = ''
  let end = 0
  const spend = workLimit(environment)
  for (const match of pattern.matchAll(text, spend)) {
    spend()
    result += text.slice(end, match.start) + expandReplacement(replacement, match, pattern)
    end = match.end
    if (result.length > maxTextLength) return resultTooLarge()
  }
  return string(result + text.slice(end))
}

const replacementsPerStep = 4

/** The empty string matches before each character and at the end. */
function replaceText(
  text: string,
  search: string,
  replacement: string,
  { spend }: FunctionEnvironment,
): Value | Failure {
  let count = 0
  if (search === '') count = text.length + 1
  else for (let at = text.indexOf(search); at !== -1; at = text.indexOf(search, at + search.length)) count++
  if (text.length + count * (replacement.length - search.length) > maxTextLength) return resultTooLarge()
  if (!spend(Math.floor(count / replacementsPerStep))) return fail('it takes too long on this text.')
  if (search === '') return string(`${replacement}${[...text].map((character) => character + replacement).join('')}`)
  return string(text.replaceAll(search, replacement.replaceAll('$', '$$$$')))
}

/** An object of the named groups, a tuple of all groups, or the whole match without groups. */
function toCaptures({ groups }: Match, { groupNames }: RegExpProgram): Value {
  const [whole, ...parts] = groups.map((text) => (text === undefined ? nullOf(stringType) : string(text)))
  if (parts.length === 0) return whole as Value
  const named = parts.flatMap((part, index) => {
    const name = groupNames[index]
    return name === undefined ? [] : [[name, part] as const]
  })
  return named.length > 0 ? object(named) : tuple(parts)
}

const mixesGroups = ({ groupNames }: RegExpProgram) =>
  groupNames.some((name) => name !== undefined) && groupNames.some((name) => name === undefined)

/** The result type of `toCaptures`. */
const capturedType = ({ groupNames }: RegExpProgram) => {
  const names = groupNames.filter((name) => name !== undefined)
  if (names.length > 0) return objectType(new Map(names.map((name) => [name, stringType])))
  return groupNames.length > 0 ? tupleType(groupNames.map(() => stringType)) : stringType
}

function compilePattern(pattern: string): RegExpProgram | Failure {
  const compiled = compileRegExp(pattern)
  if (typeof compiled === 'string') return fail(`it is not a valid regular expression: ${compiled}.`, 0)
  return mixesGroups(compiled) ? fail('it has both named and unnamed groups.', 0) : compiled
}

function join(separator: string, lists: readonly Value[]): Value | Failure {
  if (lists.length === 0) return fail('at least one list is required.')
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
  if (!Number.isInteger(offset)) return fail('the offset must be a whole number.')
  if (!Number.isInteger(length)) return fail('the length must be a whole number.')
  const characters = charactersOf(text)
  const start = offset < 0 ? Math.max(0, characters.length + offset) : offset
  // A negative length extends to the end.
  return string(characters.slice(start, length < 0 ? undefined : start + length).join(''))
}

function indent(spaces: number, text: string): Value | Failure {
  if (!Number.isInteger(spaces) || spaces < 0) return fail('the number of spaces must be a whole number from 0.')
  return string(text.replaceAll('\n', `\n${' '.repeat(spaces)}`))
}

const isUnknownCollection = (value: Value) =>
  value.kind === 'unknown' && (value.type.kind === 'list' || value.type.kind === 'set')

// The value may become a list.
const isUntyped = (arg: Value) => arg.kind === 'unknown' && arg.type.kind === 'dynamic'

function formatList(pattern: string, args: readonly Value[]): Value | Failure {
  if (args.some((arg) => isUnknownCollection(arg) || isUntyped(arg))) return unknown(listType(stringType))
  const firstList = args.findIndex(isSequence)
  const length = firstList === -1 ? 1 : elementsOf(args[firstList]).length
  const other = args.findIndex((arg) => isSequence(arg) && elementsOf(arg).length !== length)
  if (other !== -1) {
    const lengths = `${elementsOf(args[other]).length} elements, where argument ${firstList + 1} has ${length}`
    return fail(`all lists must have the same length; this one has ${lengths}.`, other + 1)
  }
  const results: Value[] = []
  for (let i = 0; i < length; i++) {
    const row = args.map((arg) => (isSequence(arg) ? (elementsOf(arg)[i] as Value) : arg))
    const isKnown = row.every(isFullyKnown)
    const formatted = isKnown ? formatText(pattern, row) : unknown(stringType)
    if (isFailure(formatted)) return fail(formatted.failure)
    results.push(formatted)
  }
  return list(stringType, results)
}

function format(pattern: string, args: readonly Value[]): Value | Failure {
  const marks = args.reduce((all, arg) => all | deepMarks(arg), 0)
  const formatted = args.every(isFullyKnown) ? formatText(pattern, args) : unknownFormatted(pattern)
  return isFailure(formatted) ? formatted : withMarks(formatted, marks)
}

/** The prefix is the text before the first verb. */
function unknownFormatted(pattern: string): Value {
  const at = pattern.indexOf('%')
  return at < 1 ? unknown(stringType) : refine(unknown(stringType), { prefix: safePrefix(pattern.slice(0, at)) })
}

/** An unknown string may have a known prefix. */
function startsWith(text: Value | undefined, prefix: string): Value {
  if (text?.kind !== 'unknown') return bool(textOf(text).startsWith(prefix))
  const knownPrefix = text.prefix ?? ''
  if (knownPrefix.startsWith(prefix)) return bool(true)
  // Terraform compares byte lengths.
  const isDecided = knownPrefix !== '' && Buffer.byteLength(knownPrefix) >= Buffer.byteLength(prefix)
  return isDecided ? bool(false) : unknown(boolType)
}

/** The result type determined by the pattern. */
function matchTypeOf(pattern: Value | undefined): Type | Failure | undefined {
  const compiled = pattern?.kind === 'string' ? compilePattern(pattern.value) : undefined
  return compiled && ('failure' in compiled ? compiled : capturedType(compiled))
}

export const stringFunctions: FunctionTable = {
  chomp: textFunction((text) => text.replace(/[\r\n]+$/, '')),
  endswith: textPredicate('suffix', (text, suffix) => text.endsWith(suffix)),
  format: {
    parameters: [parameter('format', stringType)],
    variadic: { ...nullable('args'), mayBeUnknown: 'anywhere', marksWhole: true },
    returns: stringType,
    call: ([pattern, ...args]) => format(textOf(pattern), args),
  },
  formatlist: {
    parameters: [parameter('format', stringType)],
    variadic: { ...nullable('args'), mayBeUnknown: 'anywhere', marksWhole: true },
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
    variadic: parameter('lists', listType(stringType)),
    returns: stringType,
    call: ([separator, ...lists]) => join(textOf(separator), lists),
  },
  lower: textFunction((text) => text.toLowerCase()),
  regex: {
    parameters: [parameter('pattern', stringType), parameter('string', stringType)],
    returns: dynamicType,
    returnsFor: ([pattern]) => matchTypeOf(pattern),
    call: ([pattern, text], environment) => {
      const compiled = compilePattern(textOf(pattern))
      if ('failure' in compiled) return compiled
      const match = compiled.exec(textOf(text), workLimit(environment))
      return match ? toCaptures(match, compiled) : fail('the pattern did not match any part of the given string.')
    },
  },
  regexall: {
    parameters: [parameter('pattern', stringType), parameter('string', stringType)],
    returns: listType(dynamicType),
    returnsFor: ([pattern]) => {
      const match = matchTypeOf(pattern)
      return match && (isFailure(match) ? match : listType(match))
    },
    call: ([pattern, text], environment) => {
      const compiled = compilePattern(textOf(pattern))
      if ('failure' in compiled) return compiled
      const found = compiled.matchAll(textOf(text), workLimit(environment))
      const matches = [...found].map((match) => toCaptures(match, compiled))
      return list(capturedType(compiled), matches)
    },
  },
  replace: {
    parameters: [parameter('str', stringType), parameter('substr', stringType), parameter('replace', stringType)],
    returns: stringType,
    call: ([text, search, replacement], environment) =>
      replace(textOf(text), textOf(search), textOf(replacement), environment),
  },
  split: {
    parameters: [parameter('separator', stringType), parameter('str', stringType)],
    returns: listType(stringType),
    call: ([separator, text]) => strings(textOf(text) === '' ? [''] : textOf(text).split(textOf(separator))),
  },
  startswith: {
    parameters: [{ ...parameter('str', stringType), mayBeUnknown: 'anywhere' }, parameter('prefix', stringType)],
    returns: boolType,
    call: ([text, prefix]) => startsWith(text, textOf(prefix)),
  },
  strcontains: { ...textPredicate('substr', (text, part) => text.includes(part)), mayReturnNull: true },
  strrev: textFunction((text) => charactersOf(text).reverse().join('')),
  substr: {
    parameters: [parameter('str', stringType), parameter('offset', numberType), parameter('length', numberType)],
    returns: stringType,
    call: ([text, offset, length]) => substring(textOf(text), numberOf(offset), numberOf(length)),
  },
  title: textFunction((text) =>
    text.replace(/(^|[^\p{L}\p{N}_])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase()),
  ),
  trim: textPairFunction('cutset', (text, cutset) => trimSet(text, cutset, 'both')),
  trimprefix: textPairFunction('prefix', (text, prefix) =>
    prefix && text.startsWith(prefix) ? text.slice(prefix.length) : text,
  ),
  trimspace: textFunction((text) => text.trim()),
  trimsuffix: textPairFunction('suffix', (text, suffix) =>
    suffix && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text,
  ),
  upper: textFunction((text) => text.toUpperCase()),
}
