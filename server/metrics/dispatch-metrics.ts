// Metrics of notification delivery, with Coder's names.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { MetricsRecorder } from '../metrics-recorder.ts'

const queuedBuckets = [1, 2.5, 5, 7.5, 10, 15, 20, 30, 60, 120, 300, 600, 3600]
const sendBuckets = [0.001, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120]

export function createDispatchMetrics(register: Registry): Pick<MetricsRecorder, 'beginDispatch'> {
  const registers = [register]
  const templateLabels = ['method', 'notification_template_id']
  const attempts = new Counter({
    name: 'coderd_notifications_dispatch_attempts_total',
    help: 'Total number of notification delivery attempts by result.',
    labelNames: [...templateLabels, 'result'],
    registers,
  })
  const retries = new Counter({
    name: 'coderd_notifications_retry_count',
    help: 'Total number of notification delivery retries.',
    labelNames: templateLabels,
    registers,
  })
  const inflight = new Gauge({
    name: 'coderd_notifications_inflight_dispatches',
    help: 'Number of notifications that are being sent.',
    labelNames: templateLabels,
    registers,
  })
  const queued = new Histogram({
    name: 'coderd_notifications_queued_seconds',
    help: 'Time from the creation of a notification to its first delivery attempt in seconds.',
    labelNames: ['method'],
    buckets: queuedBuckets,
    registers,
  })
  const sending = new Histogram({
    name: 'coderd_notifications_dispatcher_send_seconds',
    help: 'Duration of delivery attempts in seconds.',
    labelNames: ['method'],
    buckets: sendBuckets,
    registers,
  })
  return {
    beginDispatch({ method, templateId, attempt, queuedSeconds }) {
      const labels = { method, notification_template_id: templateId }
      const startedAt = performance.now()
      inflight.inc(labels)
      if (attempt === 1) queued.observe({ method }, queuedSeconds)
      else retries.inc(labels)
      return (result) => {
        inflight.dec(labels)
        attempts.inc({ ...labels, result })
        sending.observe({ method }, (performance.now() - startedAt) / 1000)
      }
    },
  }
}
