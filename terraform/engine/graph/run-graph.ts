// Runs a graph of work items in dependency order, several at a time. A failed item blocks only its dependents.

export interface WorkItem {
  readonly id: string
  readonly dependsOn: Iterable<string>
  /** False if it failed. Synchronous work returns a plain boolean, which costs no promise. */
  run(): boolean | Promise<boolean>
}

export interface GraphRunOptions {
  /** The maximum number of items running at the same time. */
  readonly limit: number
  /** An abort starts no further items; the run ends when the running items end. */
  readonly signal: AbortSignal
}

/** Returns the ids of items that did not start: after a failed dependency, after an abort, or in a cycle. */
export function runGraph(items: readonly WorkItem[], options: GraphRunOptions): Promise<ReadonlySet<string>> {
  return new Promise((resolve, reject) => new GraphRun(items, options, resolve, reject).advance())
}

class GraphRun {
  readonly #items = new Map<string, WorkItem>()
  /** The number of unfinished dependencies of each item. */
  readonly #pending = new Map<string, number>()
  readonly #dependents = new Map<string, string[]>()
  readonly #ready: WorkItem[] = []
  readonly #notStarted: Set<string>
  readonly #options: GraphRunOptions
  readonly #resolve: (notStarted: ReadonlySet<string>) => void
  readonly #reject: (fault: unknown) => void
  #next = 0
  #running = 0

  constructor(
    items: readonly WorkItem[],
    options: GraphRunOptions,
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
    for (const id of new Set(item.dependsOn)) {
      if (!this.#items.has(id)) continue
      count++
      const dependents = this.#dependents.get(id)
      if (dependents) dependents.push(item.id)
      else this.#dependents.set(id, [item.id])
    }
    this.#pending.set(item.id, count)
    if (count === 0) this.#ready.push(item)
  }

  advance(): void {
    while (this.#next < this.#ready.length && this.#running < this.#options.limit && !this.#options.signal.aborted) {
      const item = this.#ready[this.#next++] as WorkItem
      this.#notStarted.delete(item.id)
      const outcome = item.run()
      if (typeof outcome === 'boolean') this.#settle(item, outcome)
      else this.#await(item, outcome)
    }
    if (this.#running === 0) this.#resolve(this.#notStarted)
  }

  #await(item: WorkItem, outcome: Promise<boolean>): void {
    this.#running++
    outcome.then((succeeded) => {
      this.#running--
      this.#settle(item, succeeded)
      this.advance()
    }, this.#reject)
  }

  #settle(item: WorkItem, succeeded: boolean): void {
    if (!succeeded) return
    for (const id of this.#dependents.get(item.id) ?? []) {
      const pending = (this.#pending.get(id) ?? 0) - 1
      this.#pending.set(id, pending)
      if (pending === 0) this.#ready.push(this.#items.get(id) as WorkItem)
    }
  }
}

/** Receives a trace message for each finished item: ids and durations, never values. */
export type OnStep = (message: string) => void

/** The item with a trace message when it ends. Without a listener, nothing is measured. */
export function traceItem(item: WorkItem, onStep: OnStep | undefined): WorkItem {
  if (!onStep) return item
  const { id, dependsOn } = item
  return {
    id,
    dependsOn,
    run() {
      const startedAt = performance.now()
      const trace = (succeeded: boolean) => {
        const dependencies = [...dependsOn].map((name) => name.trim()).join(', ')
        const time = `${(performance.now() - startedAt).toFixed(2)} ms`
        const after = dependencies ? `, after ${dependencies}` : ''
        onStep(`${id.trim()}: ${succeeded ? 'done' : 'failed'} in ${time}${after}`)
        return succeeded
      }
      const outcome = item.run()
      return typeof outcome === 'boolean' ? trace(outcome) : outcome.then(trace)
    },
  }
}
