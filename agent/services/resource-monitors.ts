// Measures memory and disks where the template wants to be told before they run out. The last measurements go to coderd
// together, which decides whether there is reason for alarm.

import type { BodyOf } from '../../api/endpoint.ts'
import type { reportResources } from '../../api/local.ts'
import { containerMemory, diskUsage, hostMemory, type ResourceUsage } from '../../lib/resource-usage.ts'
import type { Manifest } from '../manifest.ts'
import { expandFolder } from '../shell.ts'

type Sample = BodyOf<typeof reportResources>['samples'][number]
type Monitors = NonNullable<Manifest['monitors']>

/** Until the signal aborts; nothing at all where there is nothing to measure. */
export function monitorResources(
  monitors: Manifest['monitors'],
  report: (samples: Sample[]) => Promise<void>,
  signal: AbortSignal,
): void {
  if (!monitors) return
  const samples: Sample[] = []
  const timer = setInterval(() => {
    samples.push(measure(monitors))
    if (samples.length > monitors.count) samples.shift()
    // What did not arrive is in the next report. A few measurements tell nothing yet.
    if (samples.length === monitors.count) report([...samples]).catch(() => undefined)
  }, monitors.every_ms)
  signal.addEventListener('abort', () => clearInterval(timer))
}

function measure({ memory, volumes }: Monitors): Sample {
  return {
    memory: memory ? attempt(memoryUsage) : null,
    volumes: volumes.flatMap((path) => {
      const usage = attempt(() => diskUsage(expandFolder(path)))
      return usage ? [{ path, ...usage }] : []
    }),
  }
}

/** Of the container, where it has a limit of its own. */
function memoryUsage(): ResourceUsage {
  const contained = containerMemory()
  return contained?.total ? contained : hostMemory()
}

/** What cannot be measured now, such as a disk that is not mounted, is left out. */
function attempt(read: () => ResourceUsage): { used: number; total: number } | null {
  try {
    const { used, total } = read()
    return total === null ? null : { used: Math.round(used), total: Math.round(total) }
  } catch {
    return null
  }
}
