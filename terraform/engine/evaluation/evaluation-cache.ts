// Caches the results of expressions and bodies across the runs of a template, together with the values that they read. If a
// later run has the same values, the result is reused. The cache is bounded in bytes and evicts least recently used entries.
// Never cached: results with diagnostics, with sensitive or ephemeral values among inputs or outputs, or from functions with
// another result in each run (time, random numbers, files).

import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { getAttribute } from '../../lang/evaluator/access.ts'
import type { Environment, EvaluationResult, Reference, Resolved, Scope, ScopeCache } from '../../lang/scope.ts'
import { estimateBytes, isSameValue } from '../../values/same-value.ts'
import { deepMarks, type Value } from '../../values/value.ts'

interface Read {
  readonly reference: Reference
  readonly value: Value
}

interface Entry {
  readonly reads: readonly Read[]
  readonly outcome: EvaluationResult
  /** A further input beside the scope, such as a schema. */
  readonly context: object | undefined
  /** The evaluation steps it took; a hit costs the same. */
  readonly steps: number
  readonly bytes: number
  /** The entries of the same part in the same scope, with other inputs. */
  readonly variants: Entry[]
  lastUsed: number
}

// Enough for form values that change back and forth, and for the starts and stops of a workspace.
const maxVariants = 4
// The largest entry, as a share of the cache: a larger one would evict everything else.
const maxEntryShare = 1 / 16
// The fill level after an eviction; below 1, so that evictions are rare.
const shareAfterEviction = 3 / 4

export class EvaluationCache {
  readonly #maxBytes: number
  /** By part of the syntax tree, then by scope. Weak: the entries of a template are released with its syntax tree. */
  readonly #parts = new WeakMap<object, Map<string, Entry[]>>()
  readonly #entries = new Set<Entry>()
  #bytes = 0
  #uses = 0

  /** @param maxBytes the approximate memory limit */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The approximate memory in use. */
  get bytes(): number {
    return this.#bytes
  }

  /** The cache of one scope: one module instance, and one instance of a block in it. */
  forScope(scopeKey: string): ScopeCache {
    return {
      getOrEvaluate: (part, scope, evaluate, context) => this.#getOrEvaluate(part, scopeKey, scope, evaluate, context),
    }
  }

  #getOrEvaluate<T extends EvaluationResult>(
    part: object,
    scopeKey: string,
    scope: Scope,
    evaluate: (scope: Scope) => T,
    context: object | undefined,
  ): T {
    const variants = this.#variantsOf(part, scopeKey)
    const hit = variants.find((entry) => entry.context === context && isValid(entry, scope))
    if (hit) {
      hit.lastUsed = ++this.#uses
      scope.environment.limits.steps -= hit.steps
      // The same part is always evaluated by the same function.
      return hit.outcome as T
    }
    const recording = new RecordingScope(scope)
    const before = scope.environment.limits.steps
    const outcome = evaluate(recording)
    if (recording.isCacheable && outcome.diagnostics.length === 0 && deepMarks(outcome.value) === 0) {
      this.#store({
        variants,
        outcome,
        context,
        reads: recording.reads(),
        steps: before - scope.environment.limits.steps,
      })
    }
    return outcome
  }

  #variantsOf(part: object, scopeKey: string): Entry[] {
    const byScope = this.#parts.get(part)
    const variants = byScope?.get(scopeKey)
    if (variants) return variants
    const created: Entry[] = []
    if (byScope) byScope.set(scopeKey, created)
    else this.#parts.set(part, new Map([[scopeKey, created]]))
    return created
  }

  #store(result: Omit<Entry, 'bytes' | 'lastUsed'>): void {
    const maxEntryBytes = this.#maxBytes * maxEntryShare
    const values = [result.outcome.value, ...result.reads.map(({ value }) => value)]
    const bytes = values.reduce(
      (sum, value) => sum + estimateBytes(value, maxEntryBytes),
      overheadBytes(result.reads.length),
    )
    if (bytes > maxEntryBytes) return
    const { variants } = result
    if (variants.length === maxVariants) this.#remove(leastRecentlyUsed(variants))
    const entry: Entry = { ...result, bytes, lastUsed: ++this.#uses }
    variants.push(entry)
    this.#entries.add(entry)
    this.#bytes += entry.bytes
    if (this.#bytes > this.#maxBytes) this.#evict()
  }

  #evict(): void {
    const byUse = [...this.#entries].sort((a, b) => a.lastUsed - b.lastUsed)
    for (const entry of byUse) {
      if (this.#bytes <= this.#maxBytes * shareAfterEviction) return
      this.#remove(entry)
    }
  }

  #remove(entry: Entry): void {
    entry.variants.splice(entry.variants.indexOf(entry), 1)
    this.#entries.delete(entry)
    this.#bytes -= entry.bytes
  }
}

/** The approximate size of an entry without its values. */
const overheadBytes = (reads: number) => 300 + 150 * reads

const leastRecentlyUsed = (variants: readonly Entry[]): Entry =>
  variants.reduce((a, b) => (a.lastUsed < b.lastUsed ? a : b))

/** Whether the scope still has the values that the entry read. */
function isValid({ reads, steps }: Entry, scope: Scope): boolean {
  // An evaluation that exceeds the limit must run, to report where it does.
  if (steps > scope.environment.limits.steps) return false
  return reads.every(({ reference, value }) => {
    const current = resolveWhole(reference, scope)
    return current !== undefined && isSameValue(current, value)
  })
}

/** The value of a whole reference, including its attributes; undefined if it has diagnostics. */
function resolveWhole(reference: Reference, scope: Scope): Value | undefined {
  let hasDiagnostic = false
  const { value, consumed } = scope.resolve(reference, () => {
    hasDiagnostic = true
  })
  return hasDiagnostic ? undefined : attributesOf(value, reference, consumed)
}

function attributesOf(value: Value, reference: Reference, from: number): Value | undefined {
  let at = value
  for (let step = from; step < reference.length; step++) {
    const next = getAttribute(at, reference[step]?.name ?? '')
    if ('problem' in next) return undefined
    at = next
  }
  return at
}

/** Records the values that an evaluation reads, as narrowly as possible: an owner's name, not the whole owner. */
class RecordingScope implements Scope {
  readonly environment: Environment
  isCacheable = true
  readonly #inner: Scope
  readonly #reads = new Map<string, Read>()

  constructor(inner: Scope) {
    this.environment = inner.environment
    this.#inner = inner
  }

  reads(): readonly Read[] {
    return [...this.#reads.values()]
  }

  markUncacheable(): void {
    this.isCacheable = false
  }

  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void): Resolved {
    const resolved = this.#inner.resolve(reference, (diagnostic) => {
      this.isCacheable = false
      report(diagnostic)
    })
    const whole = attributesOf(resolved.value, reference, resolved.consumed)
    const read = whole
      ? { reference, value: whole }
      : { reference: reference.slice(0, resolved.consumed), value: resolved.value }
    if (deepMarks(read.value) !== 0) this.isCacheable = false
    if (this.isCacheable) this.#reads.set(read.reference.map(({ name }) => name).join('.'), read)
    return whole ? { value: whole, consumed: reference.length } : resolved
  }
}
