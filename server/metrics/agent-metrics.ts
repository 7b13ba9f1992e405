// Metrics of agent metadata reports, with Coder's names: each report is stored immediately, as one batch.

import { Counter, Histogram, type Registry } from 'prom-client'
import type { MetricsRecorder } from '../metrics-recorder.ts'

const sizes = [1, 2, 5, 10, 25, 50, 100]
const durations = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5]

export function createAgentMetrics(register: Registry): Pick<MetricsRecorder, 'countMetadata'> {
  const registers = [register]
  const labelNames = ['reason']
  const reason = 'scheduled'
  const batchSize = new Histogram({
    name: 'coderd_agentapi_metadata_batch_size',
    help: 'Number of values per metadata report.',
    labelNames: [],
    buckets: sizes,
    registers,
  })
  const batches = new Counter({
    name: 'coderd_agentapi_metadata_batches_total',
    help: 'Total number of stored metadata reports.',
    labelNames,
    registers,
  })
  const flushes = new Histogram({
    name: 'coderd_agentapi_metadata_flush_duration_seconds',
    help: 'Time to store a metadata report in seconds.',
    labelNames,
    buckets: durations,
    registers,
  })
  const flushed = new Counter({
    name: 'coderd_agentapi_metadata_flushed_total',
    help: 'Total number of stored metadata values.',
    registers,
  })
  const dropped = new Counter({
    name: 'coderd_agentapi_metadata_dropped_keys_total',
    help: 'Total number of dropped metadata values whose key the template does not define.',
    registers,
  })
  return {
    countMetadata({ reported, written, seconds }) {
      batchSize.observe(reported)
      batches.inc({ reason })
      flushes.observe({ reason }, seconds)
      flushed.inc(written)
      dropped.inc(reported - written)
    },
  }
}
