// Evaluates JSON values: strings are templates if variables or functions are allowed.

import type { JsonNode, JsonString } from '../config/json-reader.ts'
import { shiftRanges } from '../config/shift-ranges.ts'
import { errorAt } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Template } from '../hcl/ast.ts'
import { findTraversals } from '../hcl/find-traversals.ts'
import { type Parsed, parseTemplateText } from '../hcl/parse-body.ts'
import type { Traversal } from '../hcl/traversal.ts'
import { convert, failed } from '../values/convert.ts'
import { parseNum } from '../values/number.ts'
import { stringType } from '../values/type.ts'
import { bool, nullOf, number, object, string, tuple, unknown, type Value } from '../values/value.ts'
import { type ArgumentValue, type Context, evaluateIn, type Report } from './evaluation.ts'

export const jsonArgumentValue = (node: JsonNode): ArgumentValue => ({
  range: node.range,
  startRange:
    node.kind === 'object' || node.kind === 'array' ? { ...node.range, end: node.range.start + 1 } : node.range,
  evaluate: (context, report) => evaluateNode(node, context, report),
  traversals: () => traversalsOf(node),
})

function evaluateNode(node: JsonNode, context: Context, report: Report): Value {
  switch (node.kind) {
    case 'string':
      return evaluateString(node, context, report)
    case 'number': {
      const value = parseNum(node.text)
      return value === undefined ? unknown() : number(value)
    }
    case 'bool':
      return bool(node.value)
    case 'null':
      return nullOf()
    case 'array':
      return tuple(node.elements.map((element) => evaluateNode(element, context, report)))
    case 'object':
      return evaluateObject(node, context, report)
  }
}

function evaluateString(node: JsonString, context: Context, report: Report): Value {
  if (!context.variables && !context.functions) return string(node.text)
  const { value, diagnostics } = templateIn(node)
  for (const diagnostic of diagnostics) report(diagnostic)
  return diagnostics.length > 0 ? unknown() : evaluateIn(value, context, report)
}

/** The template with ranges in the file. They are exact unless an escape precedes them. */
function templateIn({ text, range }: JsonString): Parsed<Template> {
  const parsed = parseTemplateText({ file: range.file, text })
  const toFileRange = ({ file, start, end }: Range): Range => ({
    file,
    start: Math.min(start + range.start + 1, range.end),
    end: Math.min(end + range.start + 1, range.end),
  })
  return {
    value: shiftRanges(parsed.value, toFileRange),
    diagnostics: parsed.diagnostics.map((diagnostic) => shiftRanges(diagnostic, toFileRange)),
  }
}

function evaluateObject(node: JsonNode & { kind: 'object' }, context: Context, report: Report): Value {
  const entries = new Map<string, Value>()
  let isKnown = true
  for (const member of node.members) {
    const range = member.nameRange
    const written = evaluateString({ kind: 'string', text: member.name, range }, context, report)
    const value = evaluateNode(member.value, context, report)
    const key = convert(written, stringType)
    const addError = (summary: string, detail: string) => report(errorAt(range, summary, detail))
    if (failed(key)) addError('Invalid object key expression', `The value cannot be an object key: ${key.problem}.`)
    else if (key.kind === 'null') addError('Invalid object key expression', 'The key of an object cannot be null.')
    else if (key.kind !== 'string') isKnown = false
    else if (entries.has(key.value)) addError('Duplicate object attribute', `The key "${key.value}" is already set.`)
    else entries.set(key.value, value)
  }
  return isKnown ? object(entries) : unknown()
}

function traversalsOf(node: JsonNode): Traversal[] {
  switch (node.kind) {
    case 'string': {
      const { value, diagnostics } = templateIn(node)
      return diagnostics.length > 0 ? [] : findTraversals(value)
    }
    case 'array':
      return node.elements.flatMap(traversalsOf)
    case 'object':
      return node.members.flatMap(({ name, nameRange, value }) => [
        ...traversalsOf({ kind: 'string', text: name, range: nameRange }),
        ...traversalsOf(value),
      ])
    default:
      return []
  }
}
