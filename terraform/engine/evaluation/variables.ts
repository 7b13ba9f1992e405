// Gives every input variable its value: in the root module from the request, the template's tfvars files or the default,
// in others from the block that asks for the module.

import type { InputVariable, Module, ModuleNode } from '../../config/module.ts'
import { type Diagnostic, didYouMean, errorAt, hasErrors, type Range } from '../../diagnostics.ts'
import { parseExpressionText } from '../../hcl/parse-body.ts'
import { evaluate } from '../../lang/evaluate.ts'
import type { Scope } from '../../lang/scope.ts'
import { convert, failed } from '../../values/convert.ts'
import type { Type } from '../../values/type.ts'
import { deepMarks, ephemeralMark, string, unknown, type Value, withMarks } from '../../values/value.ts'
import { checkCondition } from './conditions.ts'
import { declaredMarks, type Evaluation } from './evaluation.ts'

/** A value and where it was written. */
export interface InputValue {
  readonly value: Value
  readonly range: Range
}

const nothingGiven: ReadonlyMap<string, InputValue> = new Map()

export function setVariables(
  module: Module,
  given: Readonly<Record<string, string>>,
  evaluation: Evaluation,
  givenValues = nothingGiven,
): { readonly unset: ReadonlySet<string>; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = []
  const unset = new Set<string>()
  for (const name of Object.keys(given)) {
    if (module.variables.has(name)) continue
    const detail = `A value was given for "${name}", which the template does not declare.${didYouMean(name, module.variables.keys())}`
    diagnostics.push(errorAt(undefined, 'Value for undeclared variable', detail))
  }
  for (const [name, { range }] of module.variableValues) {
    if (module.variables.has(name)) continue
    const detail = `${range.file} gives a value for "${name}", which the template does not declare.${didYouMean(name, module.variables.keys())}`
    diagnostics.push({ severity: 'warning', summary: 'Value for undeclared variable', detail })
  }
  for (const variable of module.variables.values()) {
    const known = givenValues.get(variable.name)
    const found: Diagnostic[] = []
    const value = known
      ? adapt(variable, known.value, known.range, found)
      : chooseValue(variable, given, module, evaluation.scope(), found)
    if (hasErrors(found)) unset.add(variable.name)
    diagnostics.push(...found)
    evaluation.setVariable(variable.name, withMarks(value, declaredMarks(variable)))
  }
  return { unset, diagnostics }
}

function chooseValue(
  variable: InputVariable,
  given: Readonly<Record<string, string>>,
  module: Module,
  scope: Scope,
  diagnostics: Diagnostic[],
): Value {
  const { name, type, range } = variable
  const text = Object.hasOwn(given, name) ? given[name] : undefined
  const fromFile = module.variableValues.get(name)
  const value =
    text === undefined
      ? (fromFile?.value ?? variable.defaultValue)
      : readVariableText(text, variable, scope, diagnostics)
  if (!value) {
    diagnostics.push(
      errorAt(
        range,
        'No value for required variable',
        `The variable "${name}" has no default, so a value must be given for it.`,
      ),
    )
    return unknown(type)
  }
  return adapt(variable, value, text === undefined ? fromFile?.range : range, diagnostics)
}

/** The value as the variable takes it: of its type, and not null where that is not allowed. */
function adapt(variable: InputVariable, value: Value, range: Range | undefined, diagnostics: Diagnostic[]): Value {
  const { name, type, defaultValue } = variable
  const converted = convert(value, type)
  if (failed(converted)) {
    // A default that does not fit was told where the variable is declared.
    if (value === defaultValue) return unknown(type)
    const at = range && range !== variable.range ? ` It stands in ${range.file}.` : ''
    const detail = `The value given for "${name}" does not fit its type: ${converted.problem}.${at}`
    diagnostics.push(errorAt(variable.range, 'Invalid value for input variable', detail))
    return unknown(type)
  }
  if (converted.kind !== 'null' || variable.nullable) return converted
  if (defaultValue) return defaultValue
  diagnostics.push(errorAt(range, 'Required variable not set', `The variable "${name}" must not be null.`))
  return unknown(type)
}

/** Sets a variable of a module other than the root: its argument is evaluated where the module is asked for. */
export function setInput(variable: InputVariable, evaluation: Evaluation): Diagnostic[] {
  const { call }: ModuleNode = evaluation.node
  const { parent, names } = evaluation
  const input = call?.inputs.get(variable.name)
  const diagnostics: Diagnostic[] = []
  let value = variable.defaultValue ?? unknown(variable.type)
  if (input && parent) {
    const evaluated = evaluate(input.expression, parent.scope(names))
    diagnostics.push(...evaluated.diagnostics)
    value = adapt(variable, evaluated.value, input.expression.range, diagnostics)
    if (!variable.ephemeral && (deepMarks(value) & ephemeralMark) !== 0) {
      const detail = `The variable "${variable.name}" may be kept, and the value must not be. Set ephemeral = true on it.`
      diagnostics.push(errorAt(input.expression.range, 'Variable does not allow ephemeral value', detail))
    }
  }
  evaluation.setVariable(variable.name, withMarks(value, declaredMarks(variable)))
  return diagnostics
}

/** Text stands for itself where text is wanted, else it is an expression: `["a", "b"]`. */
export function readVariableText(
  text: string,
  variable: InputVariable,
  scope: Pick<Scope, 'moduleDir' | 'mayReadOutsideModule' | 'limits'>,
  diagnostics: Diagnostic[],
): Value {
  if (isTextual(variable.type)) return string(text)
  const source = { file: `<value for var.${variable.name}>`, text }
  const parsed = parseExpressionText(source)
  const { moduleDir, mayReadOutsideModule, limits } = scope
  const evaluated = evaluate(parsed.value, { moduleDir, mayReadOutsideModule, limits, resolve: refuseReference })
  const found = [...parsed.diagnostics, ...evaluated.diagnostics]
  if (!hasErrors(found)) return evaluated.value
  const detail = `The value given for it can not be read, as told above.`
  diagnostics.push(...found, errorAt(variable.range, 'No value for required variable', detail))
  return unknown(variable.type)
}

const isTextual = ({ kind }: Type) => kind === 'string' || kind === 'number' || kind === 'bool' || kind === 'dynamic'

const refuseReference: Scope['resolve'] = (reference, report) => {
  report(errorAt(reference[0]?.range, 'Variables not allowed', 'Text for a list or an object must be in quotes.'))
  return { value: unknown(), consumed: reference.length }
}

/** Checks the variable's own rules. Its dependencies have their values. */
export function validateVariable(variable: InputVariable, evaluation: Evaluation): Diagnostic[] {
  const { name } = variable
  const of = {
    summary: 'Invalid value for variable',
    range: evaluation.node.call?.inputs.get(name)?.expression.range ?? variable.range,
    wrongResult: 'Invalid variable validation result',
    ...evaluation.checkTarget('var', `var.${name}`),
  }
  return variable.validations.flatMap((rule) => checkCondition(rule, evaluation.scope(), of))
}
