// Load on an HTTP server, and a plain server as the reference, each in a process of its own.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { percentile } from './figures.ts'

export const connections = 16
const seconds = 5

/** @param token of the session; empty for a server without sessions */
export async function requestRepeatedly(url: string, token: string): Promise<{ perSecond: number; p99: number }> {
  const program = fileURLToPath(new URL('./load-program.ts', import.meta.url))
  const child = fork(program, [url, token, String(connections), String(seconds)])
  const [report] = (await once(child, 'message')) as [{ times: number[]; failures: string[] }]
  if (report.failures.length > 0) throw new Error(`${url} → ${report.failures.join(', ')}`)
  return { perSecond: report.times.length / seconds, p99: percentile(report.times, 0.99) }
}

export async function startBareServer(body: string): Promise<{ url: string; stop: () => void }> {
  const child = fork(fileURLToPath(new URL('./bare-http-program.ts', import.meta.url)))
  child.send(body)
  const [port] = (await once(child, 'message')) as [number]
  return { url: `http://127.0.0.1:${port}`, stop: () => child.disconnect() }
}
