// Metrics of database notifications: received messages, subscribers, and round-trip
// time. Sent messages are counted as queries (database-metrics.ts).

import { randomUUID } from 'node:crypto'
import { Counter, Gauge, type Registry } from 'prom-client'
import { type ChannelStats, type Channels, notifyChannel } from '../database/channels.ts'
import type { Db } from '../database/connect.ts'

const pingChannel = 'metrics_ping'
// After this long the message is lost: the listener was disconnected.
const longestPingMs = 5_000

const gauges = {
  coder_pubsub_connected: ['Whether notifications of the database arrive.', 'connected'],
  coder_pubsub_current_events: ['Channels that are listened to.', 'channels'],
  coder_pubsub_current_subscribers: ['Parts of coderd that listen.', 'subscribers'],
} as const
const counters = {
  coder_pubsub_disconnections_total: ['Times the connection broke.', 'disconnections'],
  coder_pubsub_received_bytes_total: ['Bytes that came.', 'receivedBytes'],
} as const

export function createPubsubMetrics(
  register: Registry,
  { db, channels }: { readonly db: Db; readonly channels: Channels },
): () => Promise<void> {
  const registers = [register]
  const figure = (key: keyof ChannelStats) => channels.stats()[key]
  for (const [name, [help, key]] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(figure(key))
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
        this.inc(figure(key))
      },
    })
  }
  new Counter({
    name: 'coder_pubsub_messages_total',
    help: 'Notifications that came.',
    labelNames: ['size'],
    registers,
    collect() {
      this.reset()
      // Maximum size of a notification.
      this.inc({ size: 'normal' }, figure('messages'))
    },
  })
  new Counter({
    name: 'coder_pubsub_subscribes_total',
    help: 'Times a part of coderd began to listen.',
    labelNames: ['success'],
    registers,
    collect() {
      this.reset()
      this.inc({ success: 'true' }, figure('subscribes'))
    },
  })
  return measureLatency(register, db, channels)
}

/** @returns a function that takes one measurement. */
function measureLatency(register: Registry, db: Db, channels: Channels): () => Promise<void> {
  const registers = [register]
  const sending = new Gauge({
    name: 'coder_pubsub_send_latency_seconds',
    help: 'How long the database took to take a notification.',
    registers,
  })
  const receiving = new Gauge({
    name: 'coder_pubsub_receive_latency_seconds',
    help: 'How long it took from then until it came back.',
    registers,
  })
  const measured = new Counter({
    name: 'coder_pubsub_latency_measures_total',
    help: 'Times this was measured.',
    registers,
  })
  const lost = new Counter({
    name: 'coder_pubsub_latency_measure_errs_total',
    help: 'Times a notification of ours did not come back.',
    registers,
  })
  return async () => {
    const mark = randomUUID()
    const back = Promise.withResolvers<number>()
    const stop = await channels.listen(pingChannel, (payload) => {
      if (payload === mark) back.resolve(performance.now())
    })
    const timer = setTimeout(() => back.reject(new Error('The message was not received.')), longestPingMs)
    try {
      const began = performance.now()
      await notifyChannel(db, pingChannel, mark)
      const sent = performance.now()
      const came = await back.promise
      sending.set((sent - began) / 1000)
      receiving.set(Math.max(0, came - sent) / 1000)
      measured.inc()
    } catch {
      lost.inc()
    } finally {
      clearTimeout(timer)
      await stop()
    }
  }
}
