// Metrics of notification delivery, with Coder's names.

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { MetricsRecorder } from '../metrics-recorder.ts'

const queuedBuckets = [1, 2.5, 5, 7.5, 10, 15, 20, 30, 60, 120, 300, 600, 3600]
const sendBuckets = [0.001, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120]

export function createDispatchMetrics(register: Registry): Pick<MetricsRecorder, 'beginDispatch'> {
  const registers = [register]
  const ofKind = ['method', 'notification_template_id']
  const attempts = new Counter({
    name: 'coderd_notifications_dispatch_attempts_total',
    help: 'Attempts to send a notification, by how they ended.',
    labelNames: [...ofKind, 'result'],
    registers,
  })
  const retries = new Counter({
    name: 'coderd_notifications_retry_count',
    help: 'Attempts that were not the first one.',
    labelNames: ofKind,
    registers,
  })
  const inflight = new Gauge({
    name: 'coderd_notifications_inflight_dispatches',
    help: 'Notifications that are being sent.',
    labelNames: ofKind,
    registers,
  })
  const queued = new Histogram({
    name: 'coderd_notifications_queued_seconds',
    help: 'How long notifications waited for their first attempt.',
    labelNames: ['method'],
    buckets: queuedBuckets,
    registers,
  })
  const sending = new Histogram({
    name: 'coderd_notifications_dispatcher_send_seconds',
    help: 'How long an attempt took.',
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
