// Measures the memory and volumes that the template monitors, and reports the latest samples to coderd, which evaluates
// the thresholds.

import type { BodyOf } from '../../api/endpoint.ts'
import type { reportResources } from '../../api/local.ts'
import { containerMemory, diskUsage, hostMemory, type ResourceUsage } from '../../lib/resource-usage.ts'
import type { Manifest } from '../manifest.ts'
import { expandFolder } from '../shell.ts'

type Sample = BodyOf<typeof reportResources>['samples'][number]
type Monitors = NonNullable<Manifest['monitors']>

/** Runs until the signal aborts; does nothing without monitors. */
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
    // The first report waits for enough measurements. Failed reports are not retried: the next one repeats the samples.
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

/** Memory of the container if it has a limit. */
function memoryUsage(): ResourceUsage {
  const contained = containerMemory()
  return contained?.total ? contained : hostMemory()
}

/** Omits unavailable volumes, such as unmounted disks. */
function attempt(read: () => ResourceUsage): { used: number; total: number } | null {
  try {
    const { used, total } = read()
    return total === null ? null : { used: Math.round(used), total: Math.round(total) }
  } catch {
    return null
  }
}
