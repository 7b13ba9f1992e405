// Sends log lines to coderd in order: batched for a quarter of a second, retried while coderd is unreachable. Bounded
// by coderd's limit per agent.

import { type PatchLogsRequest, patchOwnLogs } from '../../api/agents/agents.ts'
import type { Client } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'
import type { LogLevel } from '../../api/organizations/provisioner-jobs.ts'
import { retryUntilAnswered } from './reports.ts'

export interface LogStream {
  write(sourceId: string, level: LogLevel, line: string): void
  /** Resolves when coderd has stored or rejected all lines so far. */
  flush(): Promise<void>
}

const batchMs = 250
// Larger requests are rejected.
const maxBatchBytes = 512 * 1024
// coderd stores 1 MiB per agent; the rest is only in the script's log file.
const maxTotalBytes = 1024 * 1024

type Line = PatchLogsRequest['logs'][number]

export function createLogStream(client: Client): LogStream {
  const waiting = new Map<string, Line[]>()
  let totalBytes = 0
  let isFull = false
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> = Promise.resolve()

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    for (const [sourceId, lines] of waiting) {
      for (const batch of inBatches(lines)) sending = sending.then(() => send(sourceId, batch))
    }
    waiting.clear()
    return sending
  }

  async function send(sourceId: string, logs: Line[]): Promise<void> {
    if (isFull && totalBytes > 2 * maxTotalBytes) return
    await retryUntilAnswered(async () => {
      try {
        await client.call(patchOwnLogs, { body: { log_source_id: sourceId, logs } })
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 413) throw error
        isFull = true // the dashboard shows the overflow
      }
    })
  }

  return {
    write(sourceId, level, output) {
      totalBytes += output.length
      if (isFull || totalBytes > maxTotalBytes + maxBatchBytes) return
      const lines = waiting.get(sourceId) ?? []
      waiting.set(sourceId, lines)
      lines.push({ created_at: new Date().toISOString(), output, level })
      timer ??= setTimeout(() => void flush(), batchMs)
    },
    flush,
  }
}

function inBatches(lines: readonly Line[]): Line[][] {
  const batches: Line[][] = []
  let bytes = maxBatchBytes
  for (const line of lines) {
    if (bytes + line.output.length > maxBatchBytes) {
      batches.push([])
      bytes = 0
    }
    bytes += line.output.length
    batches.at(-1)?.push(line)
  }
  return batches
}
