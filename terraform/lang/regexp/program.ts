// Matches regular expressions in time linear in the text (Pike VM): all threads advance together, one character at a time,
// and the thread of highest priority wins.

import type { Assertion, CharacterTest, Node, Syntax } from './syntax.ts'

type Instruction =
  | { readonly op: 'character'; readonly matches: CharacterTest }
  | { readonly op: 'assertion'; readonly kind: Assertion }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'save'; readonly slot: number }
  | { readonly op: 'match' }

export interface Match {
  /** UTF-16 offsets. */
  readonly start: number
  readonly end: number
  /** The whole match, then each group; undefined for a group that did not participate. */
  readonly groups: readonly (string | undefined)[]
}

// Maximum program size after expansion of nested repetitions.
const maxInstructions = 50_000

/** Called after each batch of instructions; throws to abort. */
export type Spend = () => void

// Instructions that take about as long as one evaluation step.
const workPerSpend = 16
// With many groups, copying their positions costs more than an instruction.
const slotsPerWork = 4

export class RegExpProgram {
  readonly groupNames: Syntax['groupNames']
  readonly #code: Instruction[] = []
  readonly #slots: number
  /** Work since the last call of `spend`. */
  #work = 0

  /** Throws a RangeError for a pattern that is too large. */
  constructor(syntax: Syntax) {
    this.groupNames = syntax.groupNames
    this.#slots = 2 * (syntax.groupNames.length + 1)
    this.#emit({ type: 'group', index: 0, inner: syntax.root })
    this.#push({ op: 'match' })
  }

  /** All matches, leftmost first; an empty match is never adjacent to the previous match. */
  *matchAll(text: string, spend: Spend): Generator<Match> {
    let at = 0
    let previousEnd = -1
    while (at <= text.length) {
      const match = this.exec(text, spend, at)
      if (!match) return
      const isEmpty = match.start === match.end
      if (!isEmpty || match.start !== previousEnd) yield match
      previousEnd = match.end
      at = isEmpty ? match.end + widthAt(text, match.end) : match.end
    }
  }

  test(text: string, spend: Spend): boolean {
    return this.exec(text, spend) !== undefined
  }

  /** The first match at or after the offset. */
  exec(text: string, spend: Spend, from = 0): Match | undefined {
    // Programs are cached: a remainder of an earlier evaluation must not change the steps of this one.
    this.#work = 0
    this.#spend(this.#code.length / 1000, spend)
    let current = new Threads(this.#code.length)
    let next = new Threads(this.#code.length)
    let best: readonly number[] | undefined
    for (let at = from; ; ) {
      if (!best) this.#addThreads(current, 0, new Array<number>(this.#slots).fill(-1), text, at, spend)
      if (best && current.count === 0) break
      const width = widthAt(text, at)
      const code = at < text.length ? (text.codePointAt(at) as number) : -1
      for (let index = 0; index < current.count; index++) {
        const pc = current.pcs[index] as number
        const captures = current.captures[index] as readonly number[]
        const instruction = this.#code[pc] as Instruction
        if (instruction.op === 'match') {
          best = captures
          // Later threads have a lower priority.
          break
        }
        if (instruction.op === 'character' && code >= 0 && instruction.matches(code)) {
          this.#addThreads(next, pc + 1, captures, text, at + width, spend)
        }
      }
      ;[current, next] = [next, current]
      next.clear()
      if (at >= text.length) {
        const matched = this.#findMatch(current)
        return toMatch(matched ?? best, text)
      }
      at += width
    }
    return toMatch(best, text)
  }

  #findMatch(threads: Threads): readonly number[] | undefined {
    for (let index = 0; index < threads.count; index++) {
      if (this.#code[threads.pcs[index] as number]?.op === 'match') return threads.captures[index]
    }
    return undefined
  }

  /** Adds the thread and all threads reachable without consuming a character. */
  #addThreads(
    threads: Threads,
    start: number,
    captured: readonly number[],
    text: string,
    at: number,
    spend: Spend,
  ): void {
    const pending: [number, readonly number[]][] = [[start, captured]]
    for (let item = pending.pop(); item; item = pending.pop()) {
      const [pc, captures] = item
      this.#spend(1, spend)
      if (!threads.visit(pc)) continue
      const instruction = this.#code[pc] as Instruction
      switch (instruction.op) {
        case 'jump':
          pending.push([instruction.to, captures])
          break
        case 'split':
          pending.push([instruction.second, captures], [instruction.first, captures])
          break
        case 'save': {
          this.#spend(this.#slots / slotsPerWork, spend)
          const changed = captures.slice()
          changed[instruction.slot] = at
          pending.push([pc + 1, changed])
          break
        }
        case 'assertion':
          if (isSatisfied(instruction.kind, text, at)) pending.push([pc + 1, captures])
          break
        default:
          threads.add(pc, captures)
      }
    }
  }

  #spend(work: number, spend: Spend): void {
    this.#work += work
    for (; this.#work >= workPerSpend; this.#work -= workPerSpend) spend()
  }

  #push(instruction: Instruction): number {
    if (this.#code.length >= maxInstructions) throw new RangeError('the pattern is too large')
    return this.#code.push(instruction) - 1
  }

  #emit(node: Node): void {
    switch (node.type) {
      case 'empty':
        return
      case 'character':
        this.#push({ op: 'character', matches: node.matches })
        return
      case 'assertion':
        this.#push({ op: 'assertion', kind: node.kind })
        return
      case 'group':
        this.#push({ op: 'save', slot: node.index * 2 })
        this.#emit(node.inner)
        this.#push({ op: 'save', slot: node.index * 2 + 1 })
        return
      case 'sequence':
        for (const item of node.items) this.#emit(item)
        return
      case 'choice':
        this.#emitChoice(node.items)
        return
      case 'repeat':
        this.#emitRepeat(node)
    }
  }

  #emitChoice(items: readonly Node[]): void {
    const jumps: { to: number }[] = []
    for (const [index, item] of items.entries()) {
      if (index === items.length - 1) {
        this.#emit(item)
        break
      }
      const split = { op: 'split' as const, first: this.#code.length + 1, second: 0 }
      this.#push(split)
      this.#emit(item)
      const jump = { op: 'jump' as const, to: 0 }
      this.#push(jump)
      jumps.push(jump)
      split.second = this.#code.length
    }
    for (const jump of jumps) jump.to = this.#code.length
  }

  #emitRepeat({ inner, min, max, isGreedy }: Node & { type: 'repeat' }): void {
    for (let count = 0; count < min; count++) this.#emit(inner)
    if (max === Number.POSITIVE_INFINITY) {
      this.#emitOptional(inner, isGreedy, true)
      return
    }
    const setTargets: ((end: number) => void)[] = []
    for (let count = min; count < max; count++) setTargets.push(this.#emitOptional(inner, isGreedy, false))
    for (const setTarget of setTargets) setTarget(this.#code.length)
  }

  /** Returns a function that sets the target for skipping the optional part. */
  #emitOptional(inner: Node, isGreedy: boolean, isLoop: boolean): (end: number) => void {
    const split = { op: 'split' as const, first: 0, second: 0 }
    const at = this.#push(split)
    const setTarget = (end: number) => {
      split.first = isGreedy ? at + 1 : end
      split.second = isGreedy ? end : at + 1
    }
    this.#emit(inner)
    if (isLoop) this.#push({ op: 'jump', to: at })
    setTarget(this.#code.length)
    return setTarget
  }
}

/** Threads by priority, at most one per program position. */
class Threads {
  count = 0
  readonly pcs: number[] = []
  readonly captures: (readonly number[])[] = []
  readonly #visited: Uint32Array
  #generation = 1

  constructor(size: number) {
    this.#visited = new Uint32Array(size)
  }

  visit(pc: number): boolean {
    if (this.#visited[pc] === this.#generation) return false
    this.#visited[pc] = this.#generation
    return true
  }

  add(pc: number, captures: readonly number[]): void {
    this.pcs[this.count] = pc
    this.captures[this.count] = captures
    this.count++
  }

  clear(): void {
    this.count = 0
    this.#generation++
  }
}

const widthAt = (text: string, at: number) => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)

function toMatch(captures: readonly number[] | undefined, text: string): Match | undefined {
  if (!captures) return undefined
  const groups: (string | undefined)[] = []
  for (let slot = 0; slot < captures.length; slot += 2) {
    const [start = -1, end = -1] = captures.slice(slot, slot + 2)
    groups.push(start < 0 || end < 0 ? undefined : text.slice(start, end))
  }
  return { start: captures[0] as number, end: captures[1] as number, groups }
}

const isWordCharacter = (code: number) =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f

function isSatisfied(kind: Assertion, text: string, at: number): boolean {
  switch (kind) {
    case 'text-start':
      return at === 0
    case 'text-end':
      return at === text.length
    case 'line-start':
      return at === 0 || text[at - 1] === '\n'
    case 'line-end':
      return at === text.length || text[at] === '\n'
    default: {
      const isBoundary = isWordCharacter(text.charCodeAt(at - 1)) !== isWordCharacter(text.charCodeAt(at))
      return isBoundary === (kind === 'word-boundary')
    }
  }
}
