// Interface for recording Prometheus metrics. When metrics are disabled, nothing is recorded; when enabled, recording
// takes a few additions per request, and the database is queried on each scrape.

import type { FastifyInstance } from 'fastify'
import type { ClosableSocket } from './relay/web-sockets.ts'

export interface DispatchAttempt {
  readonly method: string
  readonly templateId: string
  /** Starts at 1. */
  readonly attempt: number
  /** Duration since it was queued. */
  readonly queuedSeconds: number
}

/** Coder's label values. */
export type DispatchResult = 'success' | 'temp_fail' | 'perm_fail'

export interface MetricsRecorder {
  /** Counts the requests of an HTTP server. */
  watchRequests(app: FastifyInstance): void
  /** Counts a WebSocket of this route. */
  watchWebSocket(path: string, socket: ClosableSocket): void
  /** Counts a metadata report of an agent. */
  countMetadata(report: { readonly reported: number; readonly written: number; readonly seconds: number }): void
  /** Counts an attempt to send a notification. @returns a function that records the result. */
  beginDispatch(attempt: DispatchAttempt): (result: DispatchResult) => void
  /** Counts a run of a periodic task. */
  countPeriodicRun(run: { readonly name: string; readonly seconds: number; readonly isDone: boolean }): void
  /** Counts purged rows by kind. */
  countPurged(removed: Readonly<Record<string, number>>): void
  /** All metrics in Prometheus text format. */
  read(): Promise<string>
}
