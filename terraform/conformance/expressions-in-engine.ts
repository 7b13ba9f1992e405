// Evaluates expressions in this engine. The outcomes have the same form as those of expressions-in-tofu.ts.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import { positionsOf } from '../diagnostics/source.ts'
import type { Body, Expression } from '../hcl/ast.ts'
import { parseFile } from '../hcl/parse-body.ts'
import { evaluate } from '../lang/evaluator/evaluate.ts'
import { freshLimits } from '../lang/limits.ts'
import type { Environment, Reference, Resolved, Scope } from '../lang/scope.ts'
import { valueToJson } from '../values/json.ts'
import { stringType, typeToJson } from '../values/type.ts'
import {
  deepMarks,
  hasInfinity,
  isFullyKnown,
  nullOf,
  objectFrom,
  sensitiveMark,
  string,
  typeOf,
  unknown,
  unknownNotNull,
  type Value,
} from '../values/value.ts'
import { describeError, describeValue, moduleText, type Outcome } from './expression-cases.ts'

/** Evaluates expressions in the module in `dir`, which can contain only locals and `terraform_data`. */
export class FixtureScope implements Scope {
  environment: Environment
  readonly #locals = new Map<string, Value>()

  constructor(dir: string) {
    this.environment = { moduleDir: dir, mayReadOutsideModule: false, isPlanning: true, limits: freshLimits() }
    const body = parseFile({ file: 'fixture.tf', text: readFileSync(join(dir, 'fixture.tf'), 'utf8') }).value
    for (const { name, expression } of localsOf(body)) this.#locals.set(name, evaluate(expression, this).value)
  }

  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void): Resolved {
    const [root, name] = reference
    const local = root?.name === 'local' && name && this.#locals.get(name.name)
    if (local) return { value: local, consumed: 2 }
    const value = name && declaredValues[root?.name ?? '']?.[name.name]
    if (value) return { value, consumed: 2 }
    report(errorAt(root?.range, 'Invalid reference', 'The test module does not declare this.'))
    return { value: unknown(), consumed: reference.length }
  }

  outcomeOf(expression: string): Outcome {
    this.environment = { ...this.environment, limits: freshLimits() }
    const source = { file: 'case.tf', text: moduleText('c', expression) }
    const parsed = parseFile(source)
    const parseError = firstError(parsed.diagnostics)
    if (parseError) return errorOutcome(parseError, source.text)
    const value = parsed.value.blocks[0]?.body.attributes.get('value')?.expression
    return value ? this.#evaluateExpression(value, source.text) : 'no expression'
  }

  #evaluateExpression(expression: Expression, text: string): Outcome {
    const { value, diagnostics } = evaluate(expression, this)
    const error = firstError(diagnostics)
    if (error) return errorOutcome(error, text)
    if ((deepMarks(value) & sensitiveMark) !== 0) return 'sensitive'
    if (value.kind === 'unknown') return 'unknown'
    if (value.kind === 'null') return 'null'
    if (hasInfinity(value)) return 'infinite'
    const json = valueToJson(value)
    return isFullyKnown(value) ? describeValue(typeToJson(typeOf(value)), json) : `partly unknown ${knownPart(value)}`
  }
}

const declaredValues: Readonly<Record<string, Record<string, Value>>> = {
  path: { module: string('.') },
  terraform: { workspace: string('default') },
  terraform_data: {
    unknown: objectFrom({
      id: unknownNotNull(stringType),
      input: nullOf(),
      output: nullOf(),
      triggers_replace: nullOf(),
    }),
  },
}

const localsOf = (body: Body) =>
  body.blocks.filter(({ type }) => type === 'locals').flatMap((block) => [...block.body.attributes.values()])

const firstError = (diagnostics: readonly Diagnostic[]): Diagnostic | undefined =>
  diagnostics
    .filter(({ severity }) => severity === 'error')
    .sort((a, b) => (a.range?.start ?? 0) - (b.range?.start ?? 0))[0]

function errorOutcome({ summary, range }: Diagnostic, text: string): Outcome {
  const { start, end } = positionsOf(text, range ?? { file: '', start: 0, end: 0 })
  return describeError(summary, start, end)
}

/** The JSON of a partly known value in a plan: unknown attributes are omitted, unknown elements are null. */
export function knownPart(value: Value): string {
  switch (value.kind) {
    case 'list':
    case 'set':
    case 'tuple':
      return `[${value.elements.map(knownPart).join(',')}]`
    case 'map':
    case 'object':
      return `{${[...value.entries]
        .filter(([, entry]) => entry.kind !== 'unknown')
        .map(([key, entry]) => `${JSON.stringify(key)}:${knownPart(entry)}`)
        .join(',')}}`
    default:
      return JSON.stringify(valueToJson(value))
  }
}
