// Sets the values of input variables: in the root module from the request, the template's tfvars files or the default; in
// other modules from the arguments of the module call.

import type { InputVariable, Module, ModuleNode } from '../../config/module.ts'
import { type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import { didYouMean } from '../../diagnostics/did-you-mean.ts'
import type { Range } from '../../diagnostics/source.ts'
import { parseExpressionText } from '../../hcl/parse-body.ts'
import { evaluate } from '../../lang/evaluator/evaluate.ts'
import type { Environment, Scope } from '../../lang/scope.ts'
import { convert, failed } from '../../values/convert.ts'
import type { Type } from '../../values/type.ts'
import { deepMarks, ephemeralMark, string, unknown, type Value, withMarks } from '../../values/value.ts'
import { checkCondition } from './conditions.ts'
import { declaredMarks, type Evaluation } from './evaluation.ts'

/** A value with its source range. */
export interface InputValue {
  readonly value: Value
  readonly range: Range
}

const noValues: ReadonlyMap<string, InputValue> = new Map()

export function setVariables(
  module: Module,
  texts: Readonly<Record<string, string>>,
  evaluation: Evaluation,
  values = noValues,
): { readonly unset: ReadonlySet<string>; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = []
  const unset = new Set<string>()
  for (const name of Object.keys(texts)) {
    if (module.variables.has(name)) continue
    const detail = `The request sets the variable "${name}", which the template does not declare.${didYouMean(name, module.variables.keys())}`
    diagnostics.push(errorAt(undefined, 'Value for undeclared variable', detail))
  }
  for (const [name, { range }] of module.variableValues) {
    if (module.variables.has(name)) continue
    const detail = `${range.file} sets the variable "${name}", which the template does not declare.${didYouMean(name, module.variables.keys())}`
    diagnostics.push({ severity: 'warning', summary: 'Value for undeclared variable', detail })
  }
  for (const variable of module.variables.values()) {
    const input = values.get(variable.name)
    const found: Diagnostic[] = []
    const value = input
      ? adapt(variable, input.value, input.range, found)
      : chooseValue(variable, texts, module, evaluation.scope(), found)
    if (hasErrors(found)) unset.add(variable.name)
    diagnostics.push(...found)
    evaluation.setVariable(variable.name, withMarks(value, declaredMarks(variable)))
  }
  return { unset, diagnostics }
}

function chooseValue(
  variable: InputVariable,
  texts: Readonly<Record<string, string>>,
  module: Module,
  scope: Scope,
  diagnostics: Diagnostic[],
): Value {
  const { name, type, range } = variable
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined
  const fromFile = module.variableValues.get(name)
  const value =
    text === undefined
      ? (fromFile?.value ?? variable.defaultValue)
      : readVariableText(text, variable, scope.environment, diagnostics)
  if (!value) {
    diagnostics.push(
      errorAt(
        range,
        'No value for required variable',
        `The variable "${name}" has no default, so it requires a value.`,
      ),
    )
    return unknown(type)
  }
  return adapt(variable, value, text === undefined ? fromFile?.range : range, diagnostics)
}

/** Converts the value to the variable's type, and replaces or rejects null if the variable is not nullable. */
function adapt(variable: InputVariable, value: Value, range: Range | undefined, diagnostics: Diagnostic[]): Value {
  const { name, type, defaultValue } = variable
  const converted = convert(value, type)
  if (failed(converted)) {
    // An invalid default is reported with the declaration.
    if (value === defaultValue) return unknown(type)
    const at = range && range !== variable.range ? ` It is set in ${range.file}.` : ''
    const detail = `The value of the variable "${name}" does not match its type: ${converted.problem}.${at}`
    diagnostics.push(errorAt(variable.range, 'Invalid value for input variable', detail))
    return unknown(type)
  }
  if (converted.kind !== 'null' || variable.nullable) return converted
  if (defaultValue) return defaultValue
  diagnostics.push(errorAt(range, 'Required variable not set', `The variable "${name}" must not be null.`))
  return unknown(type)
}

/** Sets a variable of a called module. Its argument is evaluated in the calling module. */
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
      const detail = `The value of the variable "${variable.name}" is ephemeral. Set ephemeral = true on the variable.`
      diagnostics.push(errorAt(input.expression.range, 'Variable does not allow ephemeral value', detail))
    }
  }
  evaluation.setVariable(variable.name, withMarks(value, declaredMarks(variable)))
  return diagnostics
}

/** Parses a value given as text. For primitive types it is the value itself, otherwise an expression: `["a", "b"]`. */
export function readVariableText(
  text: string,
  variable: InputVariable,
  { moduleDir, mayReadOutsideModule, outsidePaths, limits }: Environment,
  diagnostics: Diagnostic[],
): Value {
  if (isPrimitive(variable.type)) return string(text)
  const source = { file: `<value for var.${variable.name}>`, text }
  const parsed = parseExpressionText(source)
  const environment = { moduleDir, mayReadOutsideModule, outsidePaths, limits }
  const evaluated = evaluate(parsed.value, { environment, resolve: rejectReference })
  const found = [...parsed.diagnostics, ...evaluated.diagnostics]
  if (!hasErrors(found)) return evaluated.value
  const detail = 'Its value is not a valid expression; see the error above.'
  diagnostics.push(...found, errorAt(variable.range, 'No value for required variable', detail))
  return unknown(variable.type)
}

const isPrimitive = ({ kind }: Type) => kind === 'string' || kind === 'number' || kind === 'bool' || kind === 'dynamic'

const rejectReference: Scope['resolve'] = (reference, report) => {
  report(errorAt(reference[0]?.range, 'Variables not allowed', 'A string in a list or an object must be in quotes.'))
  return { value: unknown(), consumed: reference.length }
}

/** Checks the variable's validation rules, after their dependencies have values. */
export function validateVariable(variable: InputVariable, evaluation: Evaluation): Diagnostic[] {
  const { name } = variable
  const context = {
    summary: 'Invalid value for variable',
    range: evaluation.node.call?.inputs.get(name)?.expression.range ?? variable.range,
    nonBoolSummary: 'Invalid variable validation result',
    ...evaluation.checkTarget('var', `var.${name}`),
  }
  return variable.validations.flatMap((rule) => checkCondition(rule, evaluation.scope(), context))
}
