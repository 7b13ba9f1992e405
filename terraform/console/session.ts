// A console on a template: answers expressions as `tofu console` does, on what a plan of the template knows.

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
  /** Empty when something is wrong. */
  readonly text: string
  readonly diagnostics: readonly Diagnostic[]
  /** What was asked, for the diagnostics. */
  readonly source: Source
}

export function evaluateInput(question: string, template: Template, evaluation: Evaluation): ConsoleResult {
  const source = { file: '<console-input>', text: question }
  const { value: expression, diagnostics: unparsed } = parseExpressionText(source)
  if (hasErrors(unparsed)) return { text: '', diagnostics: unparsed, source }
  const asksType = typeArgument(expression)
  const asked = asksType ?? expression
  const undeclared = findUndeclaredReferences(template.root, asked, () => false)
  if (hasErrors(undeclared)) return { text: '', diagnostics: undeclared, source }
  const scope = evaluation.scope()
  const environment = { ...scope.environment, limits: freshLimits() }
  const { value, diagnostics } = evaluate(asked, { ...scope, environment })
  if (hasErrors(diagnostics)) return { text: '', diagnostics, source }
  return { text: asksType ? typeToText(typeOf(value)) : valueToText(value), diagnostics, source }
}

/** What `type(…)` is asked about, a function that only the console has. */
function typeArgument(expression: Expression): Expression | undefined {
  if (expression.type !== 'call' || expression.name !== 'type') return undefined
  const [only] = expression.args
  return expression.args.length === 1 ? only : undefined
}

const opening = '([{'
const closing = ')]}'

/** Whether brackets are open, or a heredoc has not ended, so that more lines belong to the expression. */
export function isIncomplete(text: string): boolean {
  const heredoc = /<<-?([A-Za-z_][\w-]*)\n/.exec(text)
  if (heredoc) return !new RegExp(`\\n[ \\t]*${heredoc[1]}[ \\t]*(\\n|$)`).test(text.slice(heredoc.index))
  if (/<<-?[A-Za-z_][\w-]*$/.test(text)) return true
  let depth = 0
  const withoutTexts = text.replace(/"(?:[^"\\]|\\.)*"/g, '').replace(/(#|\/\/).*$/gm, '')
  for (const sign of withoutTexts) {
    if (opening.includes(sign)) depth++
    if (closing.includes(sign)) depth--
  }
  return depth > 0
}

export const helpText = `Type an expression and press Enter to see its value, such as var.name, local.name,
data.coder_workspace.me.name, upper("x") or type(var.name). What an expression opens
with a bracket may go on over several lines. "exit" or Ctrl-D ends.`
