// `coder templates console`: evaluates expressions against the template in a folder. Expressions are typed, piped in, or
// passed with flags.

import { createInterface } from 'node:readline/promises'
import { evaluateInput, helpText, isIncomplete } from '../../../terraform/console/session.ts'
import type { Evaluation } from '../../../terraform/engine/evaluation/evaluation.ts'
import type { InputValue } from '../../../terraform/engine/evaluation/variables.ts'
import type { Template } from '../../../terraform/engine/template/template.ts'
import { unknown } from '../../../terraform/values/value.ts'
import { openLocalTemplate, printDiagnostics, setFailureExitCode } from '../../local-templates/local-template.ts'
import { type PlanFlags, planLocalTemplate } from '../../local-templates/plan-template.ts'
import { print } from '../../output/print.ts'

interface ConsoleFlags extends PlanFlags {
  readonly expression?: readonly string[]
}

export async function openConsole([folder = '.']: readonly string[], flags: ConsoleFlags): Promise<void> {
  const template = openLocalTemplate(folder)
  const { plan, diagnostics, sources } = await planLocalTemplate(template, flags, 'start', unknownVariables(template))
  printDiagnostics(
    diagnostics.filter(({ severity }) => severity === 'error'),
    { dir: template.dir, sources: [...template.sources, ...sources] },
  )
  const evaluate = (expression: string) => evaluateExpression(expression, template, plan.evaluation)
  const hasSucceeded = flags.expression ? flags.expression.every(evaluate) : await readExpressions(evaluate)
  if (!hasSucceeded) setFailureExitCode()
}

/** Required variables without a value are unknown instead of an error. */
function unknownVariables({ module }: Template): ReadonlyMap<string, InputValue> {
  const required = [...module.variables.values()].filter(
    ({ name, defaultValue }) => !defaultValue && !module.variableValues.has(name),
  )
  return new Map(required.map(({ name, type, range }) => [name, { value: unknown(type), range }]))
}

/** Prints the value. @returns false when the expression has errors */
function evaluateExpression(expression: string, template: Template, evaluation: Evaluation): boolean {
  const { text, diagnostics, source } = evaluateInput(expression, template, evaluation)
  printDiagnostics(diagnostics, { dir: template.dir, sources: [source, ...template.sources] })
  const isValid = !diagnostics.some(({ severity }) => severity === 'error')
  if (isValid) print(text)
  return isValid
}

/** Reads expressions line by line. Piped input stops at the first error. */
async function readExpressions(evaluate: (expression: string) => boolean): Promise<boolean> {
  const isInteractive = process.stdin.isTTY
  const lines = createInterface({
    input: process.stdin,
    ...(isInteractive && { output: process.stdout }),
    prompt: '> ',
  })
  if (isInteractive) lines.prompt()
  let pending = ''
  for await (const line of lines) {
    const expression = pending === '' ? line : `${pending}\n${line}`
    const trimmed = expression.trim()
    if (trimmed === 'exit') break
    pending = isIncomplete(expression) ? expression : ''
    if (trimmed === 'help') print(helpText)
    else if (pending === '' && trimmed !== '' && !evaluate(expression) && !isInteractive) return false
    lines.setPrompt(pending === '' ? '> ' : ': ')
    if (isInteractive) lines.prompt()
  }
  lines.close()
  return pending === '' || evaluate(pending)
}
