// Metrics of periodic tasks, with Coder's names.

import { Counter, Histogram, type Registry } from 'prom-client'
import type { MetricsRecorder } from '../metrics-recorder.ts'

const autobuildBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const purgeBuckets = [1, 5, 10, 30, 60, 300, 600]

export function createRoundMetrics(register: Registry): Pick<MetricsRecorder, 'countPeriodicRun' | 'countPurged'> {
  const registers = [register]
  const autobuild = new Histogram({
    name: 'coderd_lifecycle_autobuild_execution_duration_seconds',
    help: 'How long it took to look for workspaces whose schedule is due.',
    buckets: autobuildBuckets,
    registers,
  })
  const purge = new Histogram({
    name: 'coderd_dbpurge_iteration_duration_seconds',
    help: 'How long it took to remove what is kept no longer.',
    labelNames: ['success'],
    buckets: purgeBuckets,
    registers,
  })
  const removed = new Counter({
    name: 'coderd_dbpurge_records_purged_total',
    help: 'What was removed since it is kept no longer.',
    labelNames: ['record_type'],
    registers,
  })
  return {
    countPurged(counts) {
      for (const [record_type, count] of Object.entries(counts)) removed.inc({ record_type }, count)
    },
    countPeriodicRun({ name, seconds, isDone }) {
      if (name === 'autobuild') autobuild.observe(seconds)
      if (name === 'purge') purge.observe({ success: String(isDone) }, seconds)
    },
  }
}
