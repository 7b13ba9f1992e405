// Metrics of periodic tasks, with Coder's names.

import { Counter, Histogram, type Registry } from 'prom-client'
import type { MetricsRecorder } from '../metrics-recorder.ts'

const autobuildBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const purgeBuckets = [1, 5, 10, 30, 60, 300, 600]

export function createPeriodicTaskMetrics(
  register: Registry,
): Pick<MetricsRecorder, 'countPeriodicRun' | 'countPurged'> {
  const registers = [register]
  const autobuild = new Histogram({
    name: 'coderd_lifecycle_autobuild_execution_duration_seconds',
    help: 'Duration of autobuild passes in seconds.',
    buckets: autobuildBuckets,
    registers,
  })
  const purge = new Histogram({
    name: 'coderd_dbpurge_iteration_duration_seconds',
    help: 'Duration of database purges in seconds.',
    labelNames: ['success'],
    buckets: purgeBuckets,
    registers,
  })
  const removed = new Counter({
    name: 'coderd_dbpurge_records_purged_total',
    help: 'Total number of purged records by type.',
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
