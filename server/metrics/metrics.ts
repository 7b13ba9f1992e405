// The figures of a running coderd for Prometheus, as the rest of the server sees them. Switched off there are none, and
// nothing is counted; switched on, counting costs a few additions a request, and what the database knows is asked for
// when somebody reads.

import type { FastifyInstance } from 'fastify'
import type { WebSocket } from 'ws'

export interface Metrics {
  /** Counts the requests of an app. */
  watchRequests(app: FastifyInstance): void
  /** Counts a WebSocket that was opened at this declared address. */
  watchWebSocket(path: string, socket: WebSocket): void
  /** Counts a report of what an agent measured. */
  countMetadata(report: { readonly reported: number; readonly written: number; readonly seconds: number }): void
  /** Everything, in the text form of Prometheus. */
  read(): Promise<string>
}
