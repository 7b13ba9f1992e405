// Metrics of database notifications: received messages, subscribers and latency. database-metrics.ts counts sent
// messages.

import { randomUUID } from 'node:crypto'
import { Counter, Gauge, type Registry } from 'prom-client'
import { type ChannelStats, type Channels, notifyChannel } from '../database/channels.ts'
import type { Db } from '../database/connect.ts'

const pingChannel = 'metrics_ping'
// A message that takes longer is lost: the listener was disconnected.
const pingTimeoutMs = 5_000

const gauges = {
  coder_pubsub_connected: ['Whether coderd is connected to receive notifications (1) or not (0).', 'connected'],
  coder_pubsub_current_events: ['Number of subscribed channels.', 'channels'],
  coder_pubsub_current_subscribers: ['Number of subscribers.', 'subscribers'],
} as const
const counters = {
  coder_pubsub_disconnections_total: ['Total number of lost connections.', 'disconnections'],
  coder_pubsub_received_bytes_total: ['Total size of received notifications in bytes.', 'receivedBytes'],
} as const

export function createPubsubMetrics(
  register: Registry,
  { db, channels }: { readonly db: Db; readonly channels: Channels },
): () => Promise<void> {
  const registers = [register]
  const readStat = (key: keyof ChannelStats) => channels.stats()[key]
  for (const [name, [help, key]] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(readStat(key))
      },
    })
  }
  for (const [name, [help, key]] of Object.entries(counters)) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(readStat(key))
      },
    })
  }
  new Counter({
    name: 'coder_pubsub_messages_total',
    help: 'Total number of received notifications.',
    labelNames: ['size'],
    registers,
    collect() {
      this.reset()
      // Coder's label for all but very large notifications, which coderd does not send.
      this.inc({ size: 'normal' }, readStat('messages'))
    },
  })
  new Counter({
    name: 'coder_pubsub_subscribes_total',
    help: 'Total number of subscriptions.',
    labelNames: ['success'],
    registers,
    collect() {
      this.reset()
      this.inc({ success: 'true' }, readStat('subscribes'))
    },
  })
  return measureLatency(register, db, channels)
}

/** @returns a function that takes one measurement. */
function measureLatency(register: Registry, db: Db, channels: Channels): () => Promise<void> {
  const registers = [register]
  const sending = new Gauge({
    name: 'coder_pubsub_send_latency_seconds',
    help: 'Time to publish a notification in seconds.',
    registers,
  })
  const receiving = new Gauge({
    name: 'coder_pubsub_receive_latency_seconds',
    help: 'Time from the publication of a notification to its reception in seconds.',
    registers,
  })
  const measured = new Counter({
    name: 'coder_pubsub_latency_measures_total',
    help: 'Total number of latency measurements.',
    registers,
  })
  const lost = new Counter({
    name: 'coder_pubsub_latency_measure_errs_total',
    help: 'Total number of failed latency measurements.',
    registers,
  })
  return async () => {
    const id = randomUUID()
    const received = Promise.withResolvers<number>()
    const stop = await channels.listen(pingChannel, (payload) => {
      if (payload === id) received.resolve(performance.now())
    })
    const timer = setTimeout(() => received.reject(new Error('The message was not received.')), pingTimeoutMs)
    try {
      const startedAt = performance.now()
      await notifyChannel(db, pingChannel, id)
      const sentAt = performance.now()
      const receivedAt = await received.promise
      sending.set((sentAt - startedAt) / 1000)
      receiving.set(Math.max(0, receivedAt - sentAt) / 1000)
      measured.inc()
    } catch {
      lost.inc()
    } finally {
      clearTimeout(timer)
      await stop()
    }
  }
}
