// The scopes of expressions in a test file: the tested module with its outputs, outputs of earlier runs, and variables of the
// test file.

import type { ModuleNode } from '../config/module.ts'
import { type Diagnostic, errorAt } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/did-you-mean.ts'
import type { Evaluation } from '../engine/evaluation/evaluation.ts'
import { findUndeclaredReferences } from '../engine/graph/reference-lookup.ts'
import type { Expression } from '../hcl/ast.ts'
import { evaluate } from '../lang/evaluator/evaluate.ts'
import { freshLimits } from '../lang/limits.ts'
import type { Reference, Resolved, Scope } from '../lang/scope.ts'
import {
  isFromStub,
  isFullyKnown,
  list,
  type MapValue,
  map,
  nullOf,
  type ObjectValue,
  object,
  tuple,
  unknown,
  type Value,
  withMarks,
} from '../values/value.ts'

export interface TestNames {
  /** Outputs of earlier runs, by name. */
  readonly runs: ReadonlyMap<string, ObjectValue>
  readonly variables: ReadonlyMap<string, Value>
}

/** The scope of variable values, without the module's values. */
export function scopeOfValues(names: TestNames, dir: string): Scope {
  return {
    environment: { moduleDir: dir, mayReadOutsideModule: true, limits: freshLimits() },
    resolve(reference, report) {
      const found = resolveName(reference, names, report)
      if (found) return found
      const [first] = reference
      const detail = 'Variable values in a test file can only refer to var.… and to outputs of earlier runs, run.….'
      report(errorAt(first?.range, 'Variables not allowed', detail))
      return { value: unknown(), consumed: reference.length }
    },
  }
}

/** The scope of assertions, with all values. */
export function scopeOfAssertions(names: TestNames, evaluation: Evaluation, node: ModuleNode): Scope {
  const inner = evaluation.scope()
  const outputs = evaluation.outputsValue()
  return {
    ...inner,
    environment: { ...inner.environment, limits: freshLimits() },
    resolve(reference, report) {
      const [first, second] = reference
      if (first?.name === 'output' && second) return resolveOutput(second, outputs, report)
      const isDeclared = first?.name === 'var' && node.module.variables.has(second?.name ?? '')
      return (isDeclared ? undefined : resolveName(reference, names, report)) ?? inner.resolve(reference, report)
    },
  }
}

/** Reports undeclared references: evaluation alone would make them unknown. */
export function undeclaredInAssertion(node: ModuleNode, expression: Expression, names: TestNames): Diagnostic[] {
  return findUndeclaredReferences(node, expression, ([first, second]) => {
    if (first?.name === 'output' || first?.name === 'run') return true
    return first?.name === 'var' && names.variables.has(second?.name ?? '')
  })
}

export function evaluateVariables(
  expressions: ReadonlyMap<string, Expression>,
  scope: Scope,
): { values: Map<string, Value>; diagnostics: readonly Diagnostic[] } {
  const values = new Map<string, Value>()
  const diagnostics: Diagnostic[] = []
  for (const [name, expression] of expressions) {
    const { value, diagnostics: found } = evaluate(expression, scope)
    values.set(name, value)
    diagnostics.push(...found)
  }
  return { values, diagnostics }
}

type Report = (diagnostic: Diagnostic) => void

function resolveName(reference: Reference, { runs, variables }: TestNames, report: Report): Resolved | undefined {
  const [first, second] = reference
  if (!first || !second) return undefined
  if (first.name === 'var') {
    const value = variables.get(second.name)
    return value && { value, consumed: 2 }
  }
  if (first.name !== 'run') return undefined
  const value = runs.get(second.name)
  if (value) return { value, consumed: 2 }
  const hint = didYouMean(second.name, runs.keys())
  report(errorAt(second.range, 'Reference to unknown run', `There is no earlier run "${second.name}".${hint}`))
  return { value: unknown(), consumed: reference.length }
}

/** Replaces unknown output values of a plan with null, as OpenTofu does. Values of missing modules stay unknown. */
function nullWhereUnknown(value: Value): Value {
  if (isFullyKnown(value) || isFromStub(value)) return value
  switch (value.kind) {
    case 'unknown':
      return withMarks(nullOf(value.type), value.marks)
    case 'list':
    case 'set':
      return withMarks(list(value.elementType, value.elements.map(nullWhereUnknown)), value.marks)
    case 'tuple':
      return withMarks(tuple(value.elements.map(nullWhereUnknown)), value.marks)
    case 'map':
      return withMarks(map(value.elementType, entriesOf(value)), value.marks)
    case 'object':
      return withMarks(object(entriesOf(value)), value.marks)
    default:
      return value
  }
}

const entriesOf = ({ entries }: MapValue | ObjectValue) =>
  [...entries].map(([name, value]) => [name, nullWhereUnknown(value)] as const)

function resolveOutput(step: Reference[number], outputs: ObjectValue, report: Report): Resolved {
  const value = outputs.entries.get(step.name)
  if (value) return { value: nullWhereUnknown(value), consumed: 2 }
  const hint = didYouMean(step.name, outputs.entries.keys())
  report(errorAt(step.range, 'Reference to undeclared output', `The module has no output "${step.name}".${hint}`))
  return { value: unknown(), consumed: 2 }
}
