// Decodes the type expressions of a specification: `string`, `list(number)`, `object({ a = any })`.

import { errorAt } from '../diagnostics/diagnostic.ts'
import type { Range } from '../diagnostics/source.ts'
import type { Call, Expression } from '../hcl/ast.ts'
import { boolType, dynamicType, numberType, stringType, type Type } from '../values/type.ts'
import type { Report } from './evaluation.ts'

const simpleTypes: Readonly<Record<string, Type>> = {
  string: stringType,
  bool: boolType,
  number: numberType,
  any: dynamicType,
}

export function readTypeExpression(expression: Expression, report: Report): Type {
  let isBroken = false
  const type = readType(expression, (diagnostic) => {
    isBroken ||= diagnostic.range !== undefined
    report(diagnostic)
  })
  if (isBroken) reportInvalidType(undefined, 'Invalid type expression', 'The expression is not a type.', report)
  return type
}

function readType(expression: Expression, report: Report): Type {
  switch (expression.type) {
    case 'parentheses':
      return readType(expression.inner, report)
    case 'variable': {
      const simple = Object.hasOwn(simpleTypes, expression.name) ? simpleTypes[expression.name] : undefined
      if (simple) return simple
      return reportInvalidType(expression.range, 'Unknown variable', `Unknown type "${expression.name}".`, report)
    }
    case 'call':
      return readCall(expression, report)
    case 'literal':
      if (expression.value.kind === 'null') return dynamicType
  }
  return reportInvalidType(undefined, 'Invalid type expression', 'A type is expected here.', report)
}

function readCall(call: Call, report: Report): Type {
  const [argument] = call.args
  if (!['list', 'set', 'map', 'tuple', 'object'].includes(call.name)) {
    return reportInvalidType(
      call.nameRange,
      'Call to unknown function',
      `Unknown type constructor "${call.name}".`,
      report,
    )
  }
  if (!argument) {
    const range = { ...call.range, start: call.range.end - 1 }
    return reportInvalidType(range, 'Not enough function arguments', `${call.name} takes a type.`, report)
  }
  const element = (one: Expression) => readType(one, report)
  switch (call.name) {
    case 'list':
    case 'set':
    case 'map':
      return { kind: call.name, element: element(argument) }
    case 'tuple':
      if (argument.type === 'tuple') return { kind: 'tuple', elements: argument.elements.map(element) }
      break
    case 'object':
      if (argument.type === 'object') {
        const attributes = argument.items.map(({ key, value }) => [keyOf(key), element(value)] as const)
        return { kind: 'object', attributes: new Map(attributes) }
      }
  }
  const detail = 'object takes names and types in braces; tuple takes a list of types in brackets.'
  return reportInvalidType(argument.range, 'Invalid function argument', detail, report)
}

function keyOf(key: Expression): string {
  const [part] = key.type === 'template' ? key.parts : []
  return part?.type === 'text' ? part.text : ''
}

function reportInvalidType(range: Range | undefined, summary: string, detail: string, report: Report): Type {
  report(errorAt(range, summary, detail))
  return dynamicType
}
