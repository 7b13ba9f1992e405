// The scope of static evaluation, before planning: local values and variables with constant values. Module sources and
// provider `for_each` use it.

import type { ModuleNode } from '../../config/module.ts'
import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import type { Expression } from '../../hcl/ast.ts'
import { evaluate } from '../../lang/evaluator/evaluate.ts'
import { freshLimits } from '../../lang/limits.ts'
import { type Reference, type Resolved, referenceRange, type Scope } from '../../lang/scope.ts'
import { convert, failed } from '../../values/convert.ts'
import { stringType } from '../../values/type.ts'
import { string, unknown, type Value } from '../../values/value.ts'

export class StaticScope implements Scope {
  // The template's folder is not known yet.
  readonly environment = { moduleDir: '/', mayReadOutsideModule: false, mayReadFiles: false, limits: freshLimits() }
  readonly #node: ModuleNode
  /** Values being evaluated, to detect cycles. */
  readonly #evaluating: ReadonlySet<string>

  constructor(node: ModuleNode, evaluating: ReadonlySet<string> = new Set()) {
    this.#node = node
    this.#evaluating = evaluating
  }

  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void): Resolved {
    const [root, second] = reference
    const name = second?.name ?? ''
    switch (root?.name) {
      case 'local':
        return { value: this.#evaluateLocal(name, reference, report), consumed: 2 }
      case 'var':
        return { value: this.#evaluateVariable(name, reference, report), consumed: 2 }
      case 'path':
        if (name === 'module') return { value: string(this.#node.module.dir), consumed: 2 }
        if (name === 'root') return { value: string('.'), consumed: 2 }
        break
      case 'terraform':
      case 'tofu':
        if (name === 'workspace') return { value: string('default'), consumed: 2 }
    }
    const detail = 'A static value, such as the source of a module, must be known before planning. This value is not.'
    const length = root?.name === 'data' ? 3 : 2
    report(errorAt(referenceRange(reference, length), 'Dynamic value in static context', detail))
    return { value: unknown(), consumed: reference.length }
  }

  #evaluateLocal(name: string, reference: Reference, report: (diagnostic: Diagnostic) => void): Value {
    const local = this.#node.module.locals.get(name)
    const id = `local.${name}`
    // The graph reports cycles of local values.
    if (!local || this.#evaluating.has(id)) return this.#reportMissing(reference, report)
    return this.#evaluate(local.expression, this.#node, id, report)
  }

  #evaluateVariable(name: string, reference: Reference, report: (diagnostic: Diagnostic) => void): Value {
    const { module, call, parent } = this.#node
    const variable = module.variables.get(name)
    if (!variable) return this.#reportMissing(reference, report)
    if (variable.isStatic === false) {
      const detail = `The variable "${name}" has const = false, so its value is not known before planning.`
      report(errorAt(referenceRange(reference, 2), 'Unable to use variable in static context', detail))
      return unknown()
    }
    const input = call?.inputs.get(name)
    const source =
      input && parent
        ? this.#evaluate(input.expression, parent, `var.${name}`, report)
        : (module.variableValues.get(name)?.value ?? variable.defaultValue)
    const value = source && convert(source, variable.type)
    return value && !failed(value) ? value : this.#reportMissing(reference, report)
  }

  #evaluate(expression: Expression, node: ModuleNode, id: string, report: (diagnostic: Diagnostic) => void): Value {
    const evaluating = node === this.#node ? new Set([...this.#evaluating, id]) : new Set<string>()
    const { value, diagnostics } = evaluate(expression, new StaticScope(node, evaluating))
    diagnostics.forEach(report)
    return value
  }

  #reportMissing(reference: Reference, report: (diagnostic: Diagnostic) => void): Value {
    const detail =
      'The value is not known before planning: it is not declared, or it has neither a value nor a default.'
    report(errorAt(referenceRange(reference, 2), 'Unable to compute static value', detail))
    return unknown()
  }
}

/** The string value of a static expression; undefined after reporting an error. */
export function staticText(
  expression: Expression,
  node: ModuleNode,
  report: (diagnostic: Diagnostic) => void,
): string | undefined {
  const { value, diagnostics } = evaluate(expression, new StaticScope(node))
  diagnostics.forEach(report)
  const text = convert(value, stringType)
  if (!failed(text) && text.kind === 'string') return text.value
  if (diagnostics.length === 0) {
    const detail = 'The source of a module must be a string that is known before planning.'
    report(errorAt(expression.range, 'Unsuitable value type', detail))
  }
  return undefined
}
