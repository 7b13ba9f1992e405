// The figures of a running coderd for Prometheus, as the rest of the server sees them. Switched off there are none, and
// nothing is counted; switched on, counting costs a few additions a request, and what the database knows is asked for
// when somebody reads.

import type { FastifyInstance } from 'fastify'
import type { ClosableSocket } from './relay/web-sockets.ts'

export interface DispatchAttempt {
  readonly method: string
  readonly templateId: string
  /** From 1. */
  readonly attempt: number
  /** Since it was queued. */
  readonly queuedSeconds: number
}

/** Coder's words. */
export type DispatchResult = 'success' | 'temp_fail' | 'perm_fail'

export interface MetricsRecorder {
  /** Counts the requests of an app. */
  watchRequests(app: FastifyInstance): void
  /** Counts a WebSocket that was opened at this declared address. */
  watchWebSocket(path: string, socket: ClosableSocket): void
  /** Counts a report of what an agent measured. */
  countMetadata(report: { readonly reported: number; readonly written: number; readonly seconds: number }): void
  /** Counts an attempt to send a notification. @returns is told how it ended. */
  beginDispatch(attempt: DispatchAttempt): (result: DispatchResult) => void
  /** Counts a round of periodic work. */
  countPeriodicRun(round: { readonly name: string; readonly seconds: number; readonly isDone: boolean }): void
  /** Counts what was removed since it is kept no longer, by what it was. */
  countPurged(removed: Readonly<Record<string, number>>): void
  /** Everything, in the text form of Prometheus. */
  read(): Promise<string>
}
