// Goes through a graph of work: each piece starts when those it waits for are done, some at once. A piece that fails
// keeps those that wait for it from starting; all others go on.

export interface WorkItem {
  readonly id: string
  readonly waitsFor: Iterable<string>
  /** False when it failed. Work that needs no waiting answers at once, without a promise. */
  run(): boolean | Promise<boolean>
}

export interface WalkOptions {
  /** How many pieces may be under way at once. */
  readonly limit: number
  /** Once aborted nothing new is started; the walk ends when what is under way has ended. */
  readonly signal: AbortSignal
}

/** Gives the ids of pieces that were not started: behind a failure, after an abort, or in a circle. */
export function walk(items: readonly WorkItem[], options: WalkOptions): Promise<ReadonlySet<string>> {
  return new Promise((resolve, reject) => new Walk(items, options, resolve, reject).advance())
}

class Walk {
  readonly #items = new Map<string, WorkItem>()
  readonly #left = new Map<string, number>()
  readonly #dependents = new Map<string, string[]>()
  readonly #ready: WorkItem[] = []
  readonly #notStarted: Set<string>
  readonly #options: WalkOptions
  readonly #resolve: (notStarted: ReadonlySet<string>) => void
  readonly #reject: (fault: unknown) => void
  #next = 0
  #underWay = 0

  constructor(
    items: readonly WorkItem[],
    options: WalkOptions,
    resolve: (notStarted: ReadonlySet<string>) => void,
    reject: (fault: unknown) => void,
  ) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    for (const item of items) this.#items.set(item.id, item)
    for (const item of items) this.#connect(item)
    this.#notStarted = new Set(this.#items.keys())
  }

  #connect(item: WorkItem): void {
    let count = 0
    for (const id of new Set(item.waitsFor)) {
      if (!this.#items.has(id)) continue
      count++
      const dependents = this.#dependents.get(id)
      if (dependents) dependents.push(item.id)
      else this.#dependents.set(id, [item.id])
    }
    this.#left.set(item.id, count)
    if (count === 0) this.#ready.push(item)
  }

  advance(): void {
    while (this.#next < this.#ready.length && this.#underWay < this.#options.limit && !this.#options.signal.aborted) {
      const item = this.#ready[this.#next++] as WorkItem
      this.#notStarted.delete(item.id)
      const outcome = item.run()
      if (typeof outcome === 'boolean') this.#settle(item, outcome)
      else this.#await(item, outcome)
    }
    if (this.#underWay === 0) this.#resolve(this.#notStarted)
  }

  #await(item: WorkItem, outcome: Promise<boolean>): void {
    this.#underWay++
    outcome.then((succeeded) => {
      this.#underWay--
      this.#settle(item, succeeded)
      this.advance()
    }, this.#reject)
  }

  #settle(item: WorkItem, succeeded: boolean): void {
    if (!succeeded) return
    for (const id of this.#dependents.get(item.id) ?? []) {
      const left = (this.#left.get(id) ?? 0) - 1
      this.#left.set(id, left)
      if (left === 0) this.#ready.push(this.#items.get(id) as WorkItem)
    }
  }
}
