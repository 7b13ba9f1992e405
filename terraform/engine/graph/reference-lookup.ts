// Resolves references to graph nodes, and reports invalid ones.

import type { ModuleNode, ResourceBlock } from '../../config/module.ts'
import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import { didYouMean } from '../../diagnostics/did-you-mean.ts'
import type { Range } from '../../diagnostics/source.ts'
import type { Expression } from '../../hcl/ast.ts'
import { type Reference, referenceRange } from '../../lang/scope.ts'
import { callId, closeId, type NodeKind, nodeId } from './graph.ts'
import { type IndexedRange, type UnresolvedIndex, visitReferences } from './references.ts'

/** Roots of values that depend on the place of the reference, not on a declaration. */
const ambientNames = new Set(['path', 'terraform', 'tofu', 'count', 'each', 'self'])

/** Roots that need an attribute: alone they are not a value. */
const rootNames = new Set(['path', 'terraform', 'tofu', 'count', 'each', 'var', 'local', 'module'])

/** Resolves the references of one module. */
export class ReferenceLookup {
  readonly #node: ModuleNode
  readonly #report: (diagnostic: Diagnostic) => void

  constructor(node: ModuleNode, report: (diagnostic: Diagnostic) => void) {
    this.#node = node
    this.#report = report
  }

  /** The nodes of a reference. None for ambient names, and none after an error. */
  resolveTargets(reference: Reference, indexed?: IndexedRange, unresolved?: UnresolvedIndex): readonly string[] {
    const [first, second] = reference
    if (!first) return []
    if (!second && rootNames.has(first.name)) return this.#rejectRootAlone(reference, indexed)
    if (ambientNames.has(first.name)) return []
    const { variables, locals } = this.#node.module
    switch (first.name) {
      case 'var':
        return this.#resolveDeclared(reference, variables, 'variable', 'input variable', 'variable')
      case 'local':
        return this.#resolveDeclared(reference, locals, 'local', 'local value', 'locals')
      case 'module':
        return this.#resolveModuleOutput(reference, unresolved)
      case 'data':
        return this.#resolveResource(reference, 3, indexed)
      case 'ephemeral':
        return this.#resolveEphemeral(reference)
      case 'resource':
        // Alone it is an undeclared resource, as any other name.
        return this.#resolveResource(reference, reference.length > 1 ? 3 : 2, indexed)
      default:
        return this.#resolveResource(reference, 2, indexed)
    }
  }

  /** The nodes of `depends_on`: a module means everything inside it. */
  dependencyTargets(references: readonly Reference[]): readonly string[] {
    return references.flatMap((reference) => {
      const [first, call] = reference
      const isCall = first?.name === 'module' && call !== undefined && this.#node.module.calls.has(call.name)
      return isCall ? [closeId(this.#node, call.name)] : this.resolveTargets(reference)
    })
  }

  /** A root without an attribute, such as `local`. If an index follows, its range is reported. */
  #rejectRootAlone(reference: Reference, indexed: IndexedRange | undefined): readonly string[] {
    const range = referenceRange(reference, 1)
    const errorRange = indexed?.hasConstantKey ? { ...indexed, start: range.end } : range
    const detail = `The "${reference[0]?.name}" object must be followed by a dot and an attribute name.`
    return this.#fail(errorRange, 'Invalid reference', detail)
  }

  #fail(range: Range, summary: string, detail: string): readonly string[] {
    this.#report(errorAt(range, summary, detail))
    return []
  }

  #resolveDeclared(
    reference: Reference,
    declared: ReadonlyMap<string, unknown>,
    kind: NodeKind,
    noun: string,
    block: string,
  ): readonly string[] {
    const [, second] = reference
    if (second && declared.has(second.name)) return [nodeId(this.#node, kind, second.name)]
    const range = referenceRange(reference, 2)
    if (!second) return this.#rejectRootAlone(reference, undefined)
    const hint = didYouMean(second.name, declared.keys()) || ` Declare it in a "${block}" block.`
    return this.#fail(range, `Reference to undeclared ${noun}`, `There is no ${noun} named "${second.name}".${hint}`)
  }

  /** One output if it is named; otherwise the whole module, as in Terraform. */
  #resolveModuleOutput(reference: Reference, unresolved: UnresolvedIndex): readonly string[] {
    const [, call, output] = reference
    const { calls } = this.#node.module
    if (!call) return this.#rejectRootAlone(reference, undefined)
    if (!calls.has(call.name)) {
      const hint = didYouMean(call.name, calls.keys()) || ' Declare it in a "module" block.'
      return this.#fail(
        referenceRange(reference, 3),
        'Reference to undeclared module',
        `There is no module call named "${call.name}".${hint}`,
      )
    }
    const child = this.#node.children.get(call.name)
    const opened = callId(this.#node, call.name)
    if (!child) return [opened]
    const closed = [opened, closeId(this.#node, call.name)]
    // A splat of a module with for_each gives a list with one object, whose attributes are the keys.
    if (!output || (unresolved === 'splat' && calls.get(call.name)?.forEach)) return closed
    const declared = child.module.outputs.get(output.name)
    if (declared?.deprecated !== undefined) this.#warnDeprecated(referenceRange(reference, 3), declared.deprecated)
    if (declared) return unresolved ? closed : [opened, nodeId(child, 'output', output.name)]
    const hint = didYouMean(output.name, child.module.outputs.keys())
    return this.#fail(
      output.stepRange ?? output.range,
      'Unsupported attribute',
      `The module "${call.name}" has no output named "${output.name}".${hint}`,
    )
  }

  #warnDeprecated(range: Range, detail: string): void {
    this.#report({ severity: 'warning', summary: 'Value derived from a deprecated source', detail, range })
  }

  /** No bundled provider creates ephemeral resources, so they have no nodes. */
  #resolveEphemeral(reference: Reference): readonly string[] {
    const name = reference
      .slice(0, 3)
      .map((step) => step.name)
      .join('.')
    const { ephemerals } = this.#node.module
    if (ephemerals.has(name)) return []
    const detail = `There is no ephemeral resource ${name}.${didYouMean(name, ephemerals.keys())}`
    return this.#fail(referenceRange(reference, 3), 'Reference to undeclared resource', detail)
  }

  /** A resource with count or for_each needs an instance key; any other must not have one. */
  #checkKey({ count, forEach }: ResourceBlock, reference: Reference, length: number, indexed: Range | undefined): void {
    const hasKeys = count !== undefined || forEach !== undefined
    const name = reference
      .slice(0, length)
      .map((step) => step.name)
      .join('.')
    if (hasKeys && reference.length > length) {
      const key = count ? '[count.index]' : '[each.key]'
      const detail = `${name} has ${count ? 'count' : 'for_each'} set, so the reference needs an instance key, such as ${name}${key}.`
      this.#fail(referenceRange(reference, length), 'Missing resource instance key', detail)
    } else if (!hasKeys && indexed && reference.length === length) {
      const detail = `${name} has neither count nor for_each set, so it has no instance keys.`
      this.#fail(indexed, 'Unexpected resource instance key', detail)
    }
  }

  #resolveResource(reference: Reference, length: number, indexed: IndexedRange | undefined): readonly string[] {
    const [root] = reference
    const name = reference
      .slice(root?.name === 'resource' && length === 3 ? 1 : 0, length)
      .map((step) => step.name)
      .join('.')
    const { resources, variables, locals } = this.#node.module
    const resource = resources.get(name)
    if (reference.length >= length && resource) {
      this.#checkKey(resource, reference, length, indexed)
      return [nodeId(this.#node, 'resource', name)]
    }
    // As in OpenTofu, the error includes a constant instance key.
    const isKeyed = indexed?.hasConstantKey && reference.length <= length
    const span = referenceRange(reference, length)
    const range = isKeyed ? { ...span, end: indexed.end } : span
    const noun = 'resource'
    if (reference.length < length) {
      const first = root?.name ?? ''
      const hint = variables.has(first)
        ? ` For the variable, write var.${first}.`
        : locals.has(first)
          ? ` For the local value, write local.${first}.`
          : ''
      const isOneName = reference.length === 1 && indexed?.hasConstantKey && root?.name !== 'data'
      const errorRange = isOneName ? { ...indexed, start: span.end } : range
      return this.#fail(
        errorRange,
        'Invalid reference',
        `A reference to a ${noun} consists of its type, a dot and its name.${hint}`,
      )
    }
    const candidates = [...resources.keys()].filter((key) => key.startsWith('data.') === (root?.name === 'data'))
    return this.#fail(
      range,
      `Reference to undeclared ${noun}`,
      `There is no ${noun} ${name}.${didYouMean(name, candidates)}`,
    )
  }
}

/** The nodes of a block's `depends_on` and of those of its enclosing module calls. */
export function explicitDependencies(node: ModuleNode, references: readonly Reference[]): readonly string[] {
  const own = new ReferenceLookup(node, () => undefined).dependencyTargets(references)
  return node.parent && node.call ? [...own, ...explicitDependencies(node.parent, node.call.dependsOn)] : own
}

/** Errors about references to undeclared names, in an expression outside the module's files. */
export function findUndeclaredReferences(
  node: ModuleNode,
  expression: Expression,
  isDeclaredElsewhere: (reference: Reference) => boolean,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = []
  const lookup = new ReferenceLookup(node, (diagnostic) => diagnostics.push(diagnostic))
  visitReferences(expression, (reference, indexed) => {
    if (!isDeclaredElsewhere(reference)) lookup.resolveTargets(reference, indexed)
  })
  return diagnostics
}
