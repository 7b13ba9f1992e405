// Metrics of requests and WebSockets, with Coder's names.

import type { AsyncLocalStorage } from 'node:async_hooks'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { MetricsRecorder } from '../metrics-recorder.ts'
import type { RequestLabels } from './database-metrics.ts'

const latencyBuckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 10, 30]
const durationBuckets = [0.001, 1, 60, 60 * 60, 60 * 60 * 15, 60 * 60 * 30]

/** @param currentRequest associates asynchronous work with its request; null if not needed */
export function createRequestMetrics(
  register: Registry,
  currentRequest: AsyncLocalStorage<RequestLabels> | null,
): Pick<MetricsRecorder, 'watchRequests' | 'watchWebSocket'> {
  const registers = [register]
  const processed = new Counter({
    name: 'coderd_api_requests_processed_total',
    help: 'Total number of processed requests.',
    labelNames: ['code', 'method', 'path'],
    registers,
  })
  const latencies = new Histogram({
    name: 'coderd_api_request_latencies_seconds',
    help: 'Duration of requests in seconds.',
    labelNames: ['method', 'path'],
    buckets: latencyBuckets,
    registers,
  })
  const concurrent = new Gauge({
    name: 'coderd_api_concurrent_requests',
    help: 'Number of requests in progress.',
    labelNames: ['method', 'path'],
    registers,
  })
  const sockets = new Gauge({
    name: 'coderd_api_concurrent_websockets',
    help: 'Number of open WebSockets.',
    labelNames: ['path'],
    registers,
  })
  const durations = new Histogram({
    name: 'coderd_api_websocket_durations_seconds',
    help: 'Duration of WebSockets in seconds.',
    labelNames: ['path'],
    buckets: durationBuckets,
    registers,
  })
  return {
    watchRequests(app: FastifyInstance) {
      app.addHook('onRequest', (request, _reply, done) => {
        const labels = labelsOf(request)
        concurrent.inc(labels)
        if (currentRequest) currentRequest.run(labels, done)
        else done()
      })
      app.addHook('onResponse', (request, reply, done) => {
        const labels = labelsOf(request)
        concurrent.dec(labels)
        latencies.observe(labels, reply.elapsedTime / 1000)
        processed.inc({ ...labels, code: reply.statusCode })
        done()
      })
    },
    watchWebSocket(path, socket) {
      const labels = { path: coderPath(path) }
      const startedAt = performance.now()
      sockets.inc(labels)
      socket.once('close', () => {
        sockets.dec(labels)
        durations.observe(labels, (performance.now() - startedAt) / 1000)
      })
    },
  }
}

/** Uses route patterns: raw paths would create a series per ID. */
function labelsOf({ method, routeOptions }: FastifyRequest): { method: string; path: string } {
  return { method, path: routeOptions.url === undefined ? '' : coderPath(routeOptions.url) }
}

const coderPaths = new Map<string, string>()

/** Coder's notation: `/users/:user` becomes `/users/{user}`. */
function coderPath(path: string): string {
  const cached = coderPaths.get(path)
  if (cached !== undefined) return cached
  const coderNotation = path.replace(/:(\w+)/g, '{$1}')
  coderPaths.set(path, coderNotation)
  return coderNotation
}
