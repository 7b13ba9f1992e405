// What is known before anything is planned: local values and variables that come down to constants. Sources of modules
// may be made of these.

import type { ModuleNode } from '../../config/module.ts'
import { type Diagnostic, errorAt } from '../../diagnostics.ts'
import type { Expression } from '../../hcl/ast.ts'
import { evaluate } from '../../lang/evaluate.ts'
import { freshLimits, type Reference, type Resolved, type Scope, spanOf } from '../../lang/scope.ts'
import { convert, failed } from '../../values/convert.ts'
import { stringType } from '../../values/type.ts'
import { string, unknown, type Value } from '../../values/value.ts'

export class StaticScope implements Scope {
  // Functions that read files have the template's folder only once it is planned.
  readonly moduleDir = '/'
  readonly mayReadOutsideModule = false
  readonly limits = freshLimits()
  readonly #node: ModuleNode
  readonly #open: ReadonlySet<string>

  constructor(node: ModuleNode, open: ReadonlySet<string> = new Set()) {
    this.#node = node
    this.#open = open
  }

  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void): Resolved {
    const [root, second] = reference
    const name = second?.name ?? ''
    switch (root?.name) {
      case 'local':
        return { value: this.#local(name, reference, report), consumed: 2 }
      case 'var':
        return { value: this.#variable(name, reference, report), consumed: 2 }
      case 'path':
        if (name === 'module') return { value: string(this.#node.module.dir), consumed: 2 }
        if (name === 'root') return { value: string('.'), consumed: 2 }
        break
      case 'terraform':
      case 'tofu':
        if (name === 'workspace') return { value: string('default'), consumed: 2 }
    }
    const detail = 'The source of a module must be known before anything is planned, and this is not.'
    const length = root?.name === 'data' ? 3 : 2
    report(errorAt(spanOf(reference, length), 'Dynamic value in static context', detail))
    return { value: unknown(), consumed: reference.length }
  }

  #local(name: string, reference: Reference, report: (diagnostic: Diagnostic) => void): Value {
    const local = this.#node.module.locals.get(name)
    const id = `local.${name}`
    // A circle is told where local values are.
    if (!local || this.#open.has(id)) return this.#missing(reference, report)
    return this.#inner(local.expression, this.#node, id, report)
  }

  #variable(name: string, reference: Reference, report: (diagnostic: Diagnostic) => void): Value {
    const { module, call, parent } = this.#node
    const variable = module.variables.get(name)
    if (!variable) return this.#missing(reference, report)
    if (variable.isStatic === false) {
      const detail = `The variable "${name}" says of itself, by const = false, that it is not known before anything is planned.`
      report(errorAt(spanOf(reference, 2), 'Unable to use variable in static context', detail))
      return unknown()
    }
    const input = call?.inputs.get(name)
    const given =
      input && parent
        ? this.#inner(input.expression, parent, `var.${name}`, report)
        : (module.variableValues.get(name)?.value ?? variable.defaultValue)
    const value = given && convert(given, variable.type)
    return value && !failed(value) ? value : this.#missing(reference, report)
  }

  #inner(expression: Expression, node: ModuleNode, id: string, report: (diagnostic: Diagnostic) => void): Value {
    const open = node === this.#node ? new Set([...this.#open, id]) : new Set<string>()
    const { value, diagnostics } = evaluate(expression, new StaticScope(node, open))
    diagnostics.forEach(report)
    return value
  }

  #missing(reference: Reference, report: (diagnostic: Diagnostic) => void): Value {
    const detail =
      'Its value is not known before anything is planned: it is not declared, or has neither a value nor a default.'
    report(errorAt(spanOf(reference, 2), 'Unable to compute static value', detail))
    return unknown()
  }
}

/** The text that an expression comes down to; undefined when it does not, with what is wrong told. */
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
    const detail = 'The source of a module is a text that is known before anything is planned.'
    report(errorAt(expression.range, 'Unsuitable value type', detail))
  }
  return undefined
}
