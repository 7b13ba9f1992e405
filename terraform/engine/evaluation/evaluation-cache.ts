// What the parts of a template have given in earlier runs: expressions and bodies, at each place where they stand, with
// all that they referred to. Where that is the same again, so is what comes of it, and nothing is evaluated. Only as much
// is kept as may be; what was not used for the longest goes first. Not kept is what had a diagnostic, what is of one run
// only (the time, chance, files), and whatever comes from a sensitive or ephemeral value or gives one.

import type { Diagnostic } from '../../diagnostics.ts'
import { getAttribute } from '../../lang/access.ts'
import type { Outcome, Reference, Resolved, Scope, ScopeCache } from '../../lang/scope.ts'
import { bytesOf, isSameValue } from '../../values/same-value.ts'
import { deepMarks, type Value } from '../../values/value.ts'

interface Read {
  readonly reference: Reference
  readonly value: Value
}

interface Kept {
  readonly reads: readonly Read[]
  readonly outcome: Outcome
  /** What besides the scope it depends on, such as a schema. */
  readonly about: object | undefined
  /** What it took of the run's limit, and takes again. */
  readonly steps: number
  readonly bytes: number
  /** Among its like: the same part at the same place, with other values. */
  readonly siblings: Kept[]
  lastUsed: number
}

// A form is changed back and forth, a workspace starts and stops.
const keptPerPlace = 4
// Of one part; a larger one would push out everything else.
const largestShare = 1 / 16
// So much is left when there was too much, so that making room is rare.
const shareLeft = 3 / 4

export class EvaluationCache {
  readonly #maxBytes: number
  /** By part, then by place. What is known of a template ends with its syntax tree. */
  readonly #parts = new WeakMap<object, Map<string, Kept[]>>()
  readonly #all = new Set<Kept>()
  #bytes = 0
  #uses = 0

  /** @param maxBytes about as much memory it takes */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** About as much is in use. */
  get bytes(): number {
    return this.#bytes
  }

  /** As scopes at one place use it: in one instance of a module, for one instance of a block. */
  at(place: string): ScopeCache {
    return { getOrEvaluate: (part, scope, evaluate, about) => this.#recall(part, place, scope, evaluate, about) }
  }

  #recall<T extends Outcome>(
    part: object,
    place: string,
    scope: Scope,
    evaluate: (scope: Scope) => T,
    about: object | undefined,
  ): T {
    const siblings = this.#siblingsOf(part, place)
    const known = siblings.find((kept) => kept.about === about && isStillTrue(kept, scope))
    if (known) {
      known.lastUsed = ++this.#uses
      scope.limits.steps -= known.steps
      // The same part is always evaluated by the same function.
      return known.outcome as T
    }
    const watched = new WatchedScope(scope)
    const before = scope.limits.steps
    const outcome = evaluate(watched)
    if (watched.mayBeKept && outcome.diagnostics.length === 0 && deepMarks(outcome.value) === 0) {
      this.#keep({ siblings, outcome, about, reads: watched.reads(), steps: before - scope.limits.steps })
    }
    return outcome
  }

  #siblingsOf(part: object, place: string): Kept[] {
    const places = this.#parts.get(part)
    const siblings = places?.get(place)
    if (siblings) return siblings
    const made: Kept[] = []
    if (places) places.set(place, made)
    else this.#parts.set(part, new Map([[place, made]]))
    return made
  }

  #keep(made: Omit<Kept, 'bytes' | 'lastUsed'>): void {
    const largest = this.#maxBytes * largestShare
    const values = [made.outcome.value, ...made.reads.map(({ value }) => value)]
    const bytes = values.reduce((sum, value) => sum + bytesOf(value, largest), bytesBeside(made.reads.length))
    if (bytes > largest) return
    const { siblings } = made
    if (siblings.length === keptPerPlace) this.#forget(leastUsed(siblings))
    const kept: Kept = { ...made, bytes, lastUsed: ++this.#uses }
    siblings.push(kept)
    this.#all.add(kept)
    this.#bytes += kept.bytes
    if (this.#bytes > this.#maxBytes) this.#makeRoom()
  }

  #makeRoom(): void {
    const byUse = [...this.#all].sort((a, b) => a.lastUsed - b.lastUsed)
    for (const kept of byUse) {
      if (this.#bytes <= this.#maxBytes * shareLeft) return
      this.#forget(kept)
    }
  }

  #forget(kept: Kept): void {
    kept.siblings.splice(kept.siblings.indexOf(kept), 1)
    this.#all.delete(kept)
    this.#bytes -= kept.bytes
  }
}

/** For noting what was read. */
const bytesBeside = (reads: number) => 300 + 150 * reads

const leastUsed = (siblings: readonly Kept[]): Kept => siblings.reduce((a, b) => (a.lastUsed < b.lastUsed ? a : b))

function isStillTrue({ reads, steps }: Kept, scope: Scope): boolean {
  // What would exceed the limit is evaluated, to tell where it does.
  if (steps > scope.limits.steps) return false
  return reads.every(({ reference, value }) => {
    const now = resolveWhole(reference, scope)
    return now !== undefined && isSameValue(now, value)
  })
}

/** The value of a whole reference, with the attributes behind the name; undefined when there is something to be told. */
function resolveWhole(reference: Reference, scope: Scope): Value | undefined {
  let isWrong = false
  const { value, consumed } = scope.resolve(reference, () => {
    isWrong = true
  })
  return isWrong ? undefined : attributesOf(value, reference, consumed)
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

/** Notes what is read through it, as precisely as it was asked for: the name of an owner, not all that is known of them. */
class WatchedScope implements Scope {
  readonly moduleDir: string
  readonly mayReadOutsideModule: boolean
  readonly alsoReadable: Scope['alsoReadable']
  readonly mayCall: Scope['mayCall']
  readonly isPlanning: Scope['isPlanning']
  readonly planTime: Scope['planTime']
  readonly functions: Scope['functions']
  readonly providerFunction: Scope['providerFunction']
  readonly limits: Scope['limits']
  mayBeKept = true
  readonly #inner: Scope
  readonly #reads = new Map<string, Read>()

  constructor(inner: Scope) {
    this.moduleDir = inner.moduleDir
    this.mayReadOutsideModule = inner.mayReadOutsideModule
    this.alsoReadable = inner.alsoReadable
    this.mayCall = inner.mayCall
    this.isPlanning = inner.isPlanning
    this.planTime = inner.planTime
    this.functions = inner.functions
    this.providerFunction = inner.providerFunction
    this.limits = inner.limits
    this.#inner = inner
  }

  reads(): readonly Read[] {
    return [...this.#reads.values()]
  }

  markUncacheable(): void {
    this.mayBeKept = false
  }

  resolve(reference: Reference, report: (diagnostic: Diagnostic) => void): Resolved {
    const resolved = this.#inner.resolve(reference, (diagnostic) => {
      this.mayBeKept = false
      report(diagnostic)
    })
    const whole = attributesOf(resolved.value, reference, resolved.consumed)
    const read = whole
      ? { reference, value: whole }
      : { reference: reference.slice(0, resolved.consumed), value: resolved.value }
    if (deepMarks(read.value) !== 0) this.mayBeKept = false
    if (this.mayBeKept) this.#reads.set(read.reference.map(({ name }) => name).join('.'), read)
    return whole ? { value: whole, consumed: reference.length } : resolved
  }
}
