// The template console: evaluates expressions with the values of a plan, and prints results like `tofu console`.

import { type Diagnostic, hasErrors } from '../diagnostics/diagnostic.ts'
import type { Source } from '../diagnostics/source.ts'
import type { Evaluation } from '../engine/evaluation/evaluation.ts'
import { findUndeclaredReferences } from '../engine/graph/reference-lookup.ts'
import type { Template } from '../engine/template/template.ts'
import type { Expression } from '../hcl/ast.ts'
import { parseExpressionText } from '../hcl/parse-body.ts'
import { evaluate } from '../lang/evaluator/evaluate.ts'
import { freshLimits } from '../lang/limits.ts'
import { typeToText, valueToText } from '../show/value-text.ts'
import { typeOf } from '../values/value.ts'

export interface ConsoleResult {
  /** Empty after an error. */
  readonly text: string
  readonly diagnostics: readonly Diagnostic[]
  /** The input, for the excerpts of diagnostics. */
  readonly source: Source
}

export function evaluateInput(input: string, template: Template, evaluation: Evaluation): ConsoleResult {
  const source = { file: '<console-input>', text: input }
  const { value: expression, diagnostics: unparsed } = parseExpressionText(source)
  if (hasErrors(unparsed)) return { text: '', diagnostics: unparsed, source }
  const typed = typeArgument(expression)
  const evaluated = typed ?? expression
  const undeclared = findUndeclaredReferences(template.root, evaluated, () => false)
  if (hasErrors(undeclared)) return { text: '', diagnostics: undeclared, source }
  const scope = evaluation.scope()
  const environment = { ...scope.environment, limits: freshLimits() }
  const { value, diagnostics } = evaluate(evaluated, { ...scope, environment })
  if (hasErrors(diagnostics)) return { text: '', diagnostics, source }
  return { text: typed ? typeToText(typeOf(value)) : valueToText(value), diagnostics, source }
}

/** The argument of `type(…)`, a function that exists only in the console. */
function typeArgument(expression: Expression): Expression | undefined {
  if (expression.type !== 'call' || expression.name !== 'type') return undefined
  const [only] = expression.args
  return expression.args.length === 1 ? only : undefined
}

const opening = '([{'
const closing = ')]}'

/** Whether the text has an open bracket or heredoc, so that the expression continues on the next line. */
export function isIncomplete(text: string): boolean {
  const heredoc = /<<-?([A-Za-z_][\w-]*)\n/.exec(text)
  if (heredoc) return !new RegExp(`\\n[ \\t]*${heredoc[1]}[ \\t]*(\\n|$)`).test(text.slice(heredoc.index))
  if (/<<-?[A-Za-z_][\w-]*$/.test(text)) return true
  let depth = 0
  const withoutStrings = text.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/(#|\/\/).*$/gm, '')
  for (const character of withoutStrings) {
    if (opening.includes(character)) depth++
    if (closing.includes(character)) depth--
  }
  return depth > 0
}

export const helpText = `Type an expression and press Enter to see its value, such as var.name, local.name,
data.coder_workspace.me.name, upper("x") or type(var.name). An expression with an
open bracket continues on the next line. Enter "exit" or press Ctrl+D to quit.`
