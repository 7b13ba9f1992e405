// Returns memory to the operating system when coderd has become idle. V8 collects garbage when it allocates, so after a
// load an idle process would keep the memory of the load.

import v8 from 'node:v8'
import { runInNewContext } from 'node:vm'

const checkIntervalMs = 20_000

/** Share of one CPU below which coderd is idle: agents report statistics and health even when nobody works. */
const idleShare = 0.03
/** Idle checks in a row before a collection: it pauses requests for about 50 ms. */
const idleChecks = 2
/** Growth since the last collection below which another one is not worth its pause. */
const minGrowthBytes = 16 * 1024 * 1024

export interface MemoryProbe {
  /** CPU time so far, in ms. */
  cpuMs(): number
  /** Resident memory, in bytes. */
  residentBytes(): number
  collect(): void
}

/** @returns a function that stops it */
export function returnMemoryWhenIdle(probe: MemoryProbe = ownProcess): () => void {
  let cpuMs = probe.cpuMs()
  let afterCollection = 0
  let idleFor = 0
  const timer = setInterval(() => {
    const usedMs = probe.cpuMs() - cpuMs
    cpuMs += usedMs
    idleFor = usedMs < idleShare * checkIntervalMs ? idleFor + 1 : 0
    if (idleFor < idleChecks || probe.residentBytes() - afterCollection < minGrowthBytes) return
    probe.collect()
    afterCollection = probe.residentBytes()
  }, checkIntervalMs).unref()
  return () => clearInterval(timer)
}

const ownProcess: MemoryProbe = {
  cpuMs() {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
  residentBytes: () => process.memoryUsage.rss(),
  collect() {
    // V8 has no other way to request a collection that also shrinks the heap.
    v8.setFlagsFromString('--expose-gc')
    runInNewContext('gc')({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  },
}
