// `coder templates console`: expressions on the template in a folder, typed one after the other, piped in, or given by
// flags.

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
  const ask = (question: string) => say(question, template, plan.evaluation)
  const isAllRight = flags.expression ? flags.expression.every(ask) : await converse(ask)
  if (!isAllRight) setFailureExitCode()
}

/** Whoever tries expressions has no need to give every variable a value. */
function unknownVariables({ module }: Template): ReadonlyMap<string, InputValue> {
  const required = [...module.variables.values()].filter(
    ({ name, defaultValue }) => !defaultValue && !module.variableValues.has(name),
  )
  return new Map(required.map(({ name, type, range }) => [name, { value: unknown(type), range }]))
}

/** False when something was wrong with the question. */
function say(question: string, template: Template, evaluation: Evaluation): boolean {
  const { text, diagnostics, source } = evaluateInput(question, template, evaluation)
  printDiagnostics(diagnostics, { dir: template.dir, sources: [source, ...template.sources] })
  const isAnswered = !diagnostics.some(({ severity }) => severity === 'error')
  if (isAnswered) print(text)
  return isAnswered
}

/** Line by line. A mistake ends what is piped in, since nobody is there to see it. */
async function converse(ask: (question: string) => boolean): Promise<boolean> {
  const isInteractive = process.stdin.isTTY
  const lines = createInterface({
    input: process.stdin,
    ...(isInteractive && { output: process.stdout }),
    prompt: '> ',
  })
  if (isInteractive) lines.prompt()
  let pending = ''
  for await (const line of lines) {
    const question = pending === '' ? line : `${pending}\n${line}`
    const word = question.trim()
    if (word === 'exit') break
    pending = isIncomplete(question) ? question : ''
    if (word === 'help') print(helpText)
    else if (pending === '' && word !== '' && !ask(question) && !isInteractive) return false
    lines.setPrompt(pending === '' ? '> ' : ': ')
    if (isInteractive) lines.prompt()
  }
  lines.close()
  return pending === '' || ask(pending)
}
