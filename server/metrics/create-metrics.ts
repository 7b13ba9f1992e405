// Creates the Prometheus registry. Loaded only when metrics are enabled, with the client library.

import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer, type Server } from 'node:http'
import { isIP } from 'node:net'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { parseHostName } from '../../lib/host-name.ts'
import type { Config } from '../config.ts'
import type { ServerContext } from '../context.ts'
import type { MetricsRecorder } from '../metrics-recorder.ts'
import { createAgentMetrics } from './agent-metrics.ts'
import { createConnectionMetrics } from './connection-metrics.ts'
import { instrumentDatabase, type RequestLabels } from './database-metrics.ts'
import { createDispatchMetrics } from './dispatch-metrics.ts'
import { createJobMetrics } from './job-metrics.ts'
import { createPeriodicTaskMetrics } from './periodic-task-metrics.ts'
import { createPubsubMetrics } from './pubsub-metrics.ts'
import { createRequestMetrics } from './request-metrics.ts'
import { createTableMetrics } from './table-metrics.ts'

type MetricsContext = Pick<ServerContext, 'db' | 'pool' | 'channels' | 'connections' | 'outages'>

type MetricsConfig = Pick<Config, 'prometheusCollectAgentStats' | 'prometheusCollectDbMetrics'>

export function createMetrics(context: MetricsContext, config: MetricsConfig): MetricsRecorder {
  const register = new Registry()
  collectDefaultMetrics({ register })
  // Attributing queries to requests has a cost per request, so it is optional.
  const currentRequest = config.prometheusCollectDbMetrics ? new AsyncLocalStorage<RequestLabels>() : null
  instrumentDatabase(register, context.pool, currentRequest && (() => currentRequest.getStore()))
  const collectors = [
    createTableMetrics(register, context.db, config.prometheusCollectAgentStats),
    createConnectionMetrics(register, context),
    createJobMetrics(register, context.db),
    createPubsubMetrics(register, context),
  ]
  let collecting: Promise<void> | null = null
  /** Concurrent scrapes share a collection. */
  const collect = () => {
    collecting ??= (async () => {
      for (const collectMetrics of collectors) await collectMetrics()
    })().finally(() => {
      collecting = null
    })
    return collecting
  }
  return {
    ...createRequestMetrics(register, currentRequest),
    ...createDispatchMetrics(register),
    ...createPeriodicTaskMetrics(register),
    ...createAgentMetrics(register),
    async read() {
      // Metrics of this process are available without the database.
      await context.outages.watch('metrics', collect())
      return await register.metrics()
    },
  }
}

/** Serves metrics on a separate address. Rejects if the address is unavailable.
 *  @param publicName the host name of the access URL */
export async function serveMetrics(
  metrics: MetricsRecorder,
  { host, port }: { readonly host: string; readonly port: number },
  publicName: string,
): Promise<Server> {
  const server = createServer((request, response) => {
    const name = parseHostName(request.headers.host)
    if (name === null || (name !== host && name !== publicName && !isPrivateName(name)))
      return void response
        .writeHead(403, { 'content-type': 'text/plain; charset=utf-8' })
        .end('The host name is not allowed. Use the IP address or a host name of the local network.\n')
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    // Rejects browsers: pages of any site can send requests to this computer.
    const site = request.headers['sec-fetch-site']
    if (site !== undefined && site !== 'none') return void response.writeHead(403).end()
    if (request.method !== 'GET' || (path !== '/' && path !== '/metrics')) return void response.writeHead(404).end()
    metrics.read().then(
      (text) => response.writeHead(200, { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new Error(
          `Could not serve metrics on ${host}:${port}: ${error.message}. Set another address with CODER_PROMETHEUS_ADDRESS.`,
          { cause: error },
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
  return server
}

/** Whether no site of the internet can have this name, so that DNS rebinding cannot lead here: an IP address, a name
 *  without a domain, or one of a private domain. */
function isPrivateName(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0 || !name.includes('.') || /\.(?:local|localhost|internal)$/.test(name)
}
