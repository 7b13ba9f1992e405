// What references mean: the nodes of the graph that they name, or what is wrong with them.

import type { ModuleNode, ResourceBlock } from '../../config/module.ts'
import { type Diagnostic, didYouMean, errorAt, type Range } from '../../diagnostics.ts'
import type { Expression } from '../../hcl/ast.ts'
import { type Reference, spanOf } from '../../lang/scope.ts'
import { callId, closeId, type NodeKind, nodeId } from './graph.ts'
import { type IndexedRange, type UnresolvedIndex, visitReferences } from './references.ts'

/** Names that are not declared in the module but mean something where they stand. */
const ambientNames = new Set(['path', 'terraform', 'tofu', 'count', 'each', 'self'])

/** Names that stand for nothing by themselves. */
const rootNames = new Set(['path', 'terraform', 'tofu', 'count', 'each', 'var', 'local', 'module'])

/** Finds what references in one module mean. */
export class ReferenceLookup {
  readonly #node: ModuleNode
  readonly #report: (diagnostic: Diagnostic) => void

  constructor(node: ModuleNode, report: (diagnostic: Diagnostic) => void) {
    this.#node = node
    this.#report = report
  }

  /** The nodes a reference means; none for ambient names and, once told, for what does not exist. */
  resolveTargets(reference: Reference, indexed?: IndexedRange, asksAll?: UnresolvedIndex): readonly string[] {
    const [first, second] = reference
    if (!first) return []
    if (!second && rootNames.has(first.name)) return this.#rootAlone(reference, indexed)
    if (ambientNames.has(first.name)) return []
    const { variables, locals } = this.#node.module
    switch (first.name) {
      case 'var':
        return this.#declared(reference, variables, 'variable', 'input variable', 'variable')
      case 'local':
        return this.#declared(reference, locals, 'local', 'local value', 'locals')
      case 'module':
        return this.#moduleOutput(reference, asksAll)
      case 'data':
        return this.#resource(reference, 3, indexed)
      case 'ephemeral':
        return this.#ephemeral(reference)
      case 'resource':
        // On its own it means as little as any other name would.
        return this.#resource(reference, reference.length > 1 ? 3 : 2, indexed)
      default:
        return this.#resource(reference, 2, indexed)
    }
  }

  /** What `depends_on` waits for: of a module all that is in it. */
  dependencyTargets(references: readonly Reference[]): readonly string[] {
    return references.flatMap((reference) => {
      const [first, call] = reference
      const isCall = first?.name === 'module' && call !== undefined && this.#node.module.calls.has(call.name)
      return isCall ? [closeId(this.#node, call.name)] : this.resolveTargets(reference)
    })
  }

  /** A name such as `local`, which stands for nothing by itself; an index behind it is told in its place. */
  #rootAlone(reference: Reference, indexed: IndexedRange | undefined): readonly string[] {
    const range = spanOf(reference, 1)
    const place = indexed?.hasConstantKey ? { ...indexed, start: range.end } : range
    const detail = `After "${reference[0]?.name}" stands a dot and a name.`
    return this.#tell(place, 'Invalid reference', detail)
  }

  #tell(range: Range, summary: string, detail: string): readonly string[] {
    this.#report(errorAt(range, summary, detail))
    return []
  }

  #declared(
    reference: Reference,
    declared: ReadonlyMap<string, unknown>,
    kind: NodeKind,
    what: string,
    block: string,
  ): readonly string[] {
    const [, second] = reference
    if (second && declared.has(second.name)) return [nodeId(this.#node, kind, second.name)]
    const range = spanOf(reference, 2)
    if (!second) return this.#rootAlone(reference, undefined)
    const hint = didYouMean(second.name, declared.keys()) || ` Declare it in a "${block}" block.`
    return this.#tell(range, `Reference to undeclared ${what}`, `There is no ${what} named "${second.name}".${hint}`)
  }

  /** One output where it is named, else all that is in the module, as Terraform waits for it. */
  #moduleOutput(reference: Reference, asksAll: UnresolvedIndex): readonly string[] {
    const [, call, output] = reference
    const { calls } = this.#node.module
    if (!call) return this.#rootAlone(reference, undefined)
    if (!calls.has(call.name)) {
      const hint = didYouMean(call.name, calls.keys()) || ' Declare it in a "module" block.'
      return this.#tell(
        spanOf(reference, 3),
        'Reference to undeclared module',
        `There is no module call named "${call.name}".${hint}`,
      )
    }
    const child = this.#node.children.get(call.name)
    const opened = callId(this.#node, call.name)
    if (!child) return [opened]
    const closed = [opened, closeId(this.#node, call.name)]
    // A splat of what for_each makes is a list of one object, whose attributes are its keys.
    if (!output || (asksAll === 'splat' && calls.get(call.name)?.forEach)) return closed
    const declared = child.module.outputs.get(output.name)
    if (declared?.deprecated !== undefined) this.#warnDeprecated(spanOf(reference, 3), declared.deprecated)
    if (declared) return asksAll ? closed : [opened, nodeId(child, 'output', output.name)]
    const hint = didYouMean(output.name, child.module.outputs.keys())
    return this.#tell(
      output.stepRange ?? output.range,
      'Unsupported attribute',
      `The module "${call.name}" has no output named "${output.name}".${hint}`,
    )
  }

  #warnDeprecated(range: Range, detail: string): void {
    this.#report({ severity: 'warning', summary: 'Value derived from a deprecated source', detail, range })
  }

  /** They are not made by any provider here, so that nothing waits for them. */
  #ephemeral(reference: Reference): readonly string[] {
    const name = reference
      .slice(0, 3)
      .map((step) => step.name)
      .join('.')
    const { ephemerals } = this.#node.module
    if (ephemerals.has(name)) return []
    const detail = `There is no ephemeral resource ${name}.${didYouMean(name, ephemerals.keys())}`
    return this.#tell(spanOf(reference, 3), 'Reference to undeclared resource', detail)
  }

  /** One of many is told apart by its key, and one alone has none. */
  #checkKey({ count, forEach }: ResourceBlock, reference: Reference, length: number, indexed: Range | undefined): void {
    const isMany = count !== undefined || forEach !== undefined
    const name = reference
      .slice(0, length)
      .map((step) => step.name)
      .join('.')
    if (isMany && reference.length > length) {
      const key = count ? '[count.index]' : '[each.key]'
      const detail = `${name} has ${count ? 'count' : 'for_each'} set, so one of its instances must be named, such as ${name}${key}.`
      this.#tell(spanOf(reference, length), 'Missing resource instance key', detail)
    } else if (!isMany && indexed && reference.length === length) {
      const detail = `${name} has neither count nor for_each set, so there are no instances to choose from.`
      this.#tell(indexed, 'Unexpected resource instance key', detail)
    }
  }

  #resource(reference: Reference, length: number, indexed: IndexedRange | undefined): readonly string[] {
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
    // The key of an instance belongs to what is not there, when it is written out.
    const isKeyed = indexed?.hasConstantKey && reference.length <= length
    const span = spanOf(reference, length)
    const range = isKeyed ? { ...span, end: indexed.end } : span
    const what = 'resource'
    if (reference.length < length) {
      const first = root?.name ?? ''
      const hint = variables.has(first)
        ? ` For the variable, write var.${first}.`
        : locals.has(first)
          ? ` For the local value, write local.${first}.`
          : ''
      const isOneName = reference.length === 1 && indexed?.hasConstantKey && root?.name !== 'data'
      const place = isOneName ? { ...indexed, start: span.end } : range
      return this.#tell(place, 'Invalid reference', `A reference to a ${what} is its type, a dot and its name.${hint}`)
    }
    const candidates = [...resources.keys()].filter((key) => key.startsWith('data.') === (root?.name === 'data'))
    return this.#tell(
      range,
      `Reference to undeclared ${what}`,
      `There is no ${what} ${name}.${didYouMean(name, candidates)}`,
    )
  }
}

/** What a block's `depends_on` waits for, and that of the modules around it. */
export function explicitDependencies(node: ModuleNode, references: readonly Reference[]): readonly string[] {
  const own = new ReferenceLookup(node, () => undefined).dependencyTargets(references)
  return node.parent && node.call ? [...own, ...explicitDependencies(node.parent, node.call.dependsOn)] : own
}

/** What an expression that is not part of the module refers to without it being declared there. */
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
