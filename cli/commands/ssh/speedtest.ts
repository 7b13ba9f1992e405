// `coder speedtest`: throughput between this computer and the agent of a workspace, through the deployment.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { MeasureMode } from '../../../api/agents/agent-protocol.ts'
import { parseDuration } from '../../arguments/durations.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { reachAgent } from '../../dial/reach-agent.ts'
import { dialAgent } from '../../dial/tunnel.ts'
import { parseWorkspaceHost } from '../../dial/workspace-host.ts'
import { CommandError } from '../../output/errors.ts'
import type { ListOptions } from '../../output/tables.ts'
import { type ColumnValues, printList } from '../../output/tables.ts'

interface SpeedtestOptions extends GlobalOptions, ListOptions<'speedtest'> {
  readonly time: string
  readonly direction: Exclude<MeasureMode, 'echo'>
  readonly pcapFile?: string
}

/** As Coder's command line prints it in JSON, which editors read. */
interface Interval {
  readonly start_time_seconds: number
  readonly end_time_seconds: number
  readonly throughput_mbits: number
}

const columns: ColumnValues<Interval, 'speedtest'> = {
  Interval: ({ start_time_seconds, end_time_seconds }) =>
    `${start_time_seconds.toFixed(2)}-${end_time_seconds.toFixed(2)} sec`,
  Throughput: ({ throughput_mbits }) => `${throughput_mbits.toFixed(4)} Mbits/sec`,
}

export async function speedtest([name = '']: readonly string[], options: SpeedtestOptions): Promise<void> {
  if (options.pcapFile) throw new CommandError('--pcap-file is not supported.', { hint: 'use tcpdump.' })
  const durationMs = parseDuration(options.time, '--time')
  const connection = await connect(options)
  const reached = await reachAgent(connection, parseWorkspaceHost(name), { disableAutostart: true, wait: 'no' })
  const socket = await dialAgent(connection, reached.agent.id, { kind: 'measure', mode: options.direction })
  const intervals = await (options.direction === 'down' ? receive(socket, durationMs) : send(socket, durationMs))
  const overall = combine(intervals)
  printList(columns, [...intervals, overall], options, { json: { overall, intervals }, whenEmpty: '' })
}

async function receive(socket: Socket, durationMs: number): Promise<Interval[]> {
  const started = performance.now()
  socket.resume()
  const intervals = await sample(socket, durationMs, started, () => socket.bytesRead)
  socket.destroy()
  return intervals
}

const chunk = Buffer.alloc(64 * 1024)

async function send(socket: Socket, durationMs: number): Promise<Interval[]> {
  const started = performance.now()
  const write = () => {
    while (!socket.writableEnded && socket.write(chunk));
  }
  socket.on('drain', write)
  write()
  const intervals = await sample(socket, durationMs, started, () => socket.bytesWritten - socket.writableLength)
  // The agent answers with the number of bytes once all have arrived.
  const sent = sum(intervals)
  socket.end()
  const total = Number(Buffer.concat(await socket.toArray()).toString())
  const last = intervals.at(-1)
  const end = secondsSince(started)
  return last && total > sent ? [...intervals.slice(0, -1), extend(last, end, total - sent)] : intervals
}

const intervalMs = 1_000

async function sample(socket: Socket, durationMs: number, started: number, bytes: () => number): Promise<Interval[]> {
  const intervals: Interval[] = []
  let last = { at: 0, bytes: bytes() }
  const closed = once(socket, 'close').then(() => {
    throw new CommandError('The connection to the agent has ended.')
  })
  closed.catch(() => undefined)
  for (let elapsed = 0; elapsed < durationMs; elapsed += intervalMs) {
    const end = Math.min(durationMs, elapsed + intervalMs)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, started + end - performance.now())
    await Promise.race([promise, closed]).finally(() => clearTimeout(timer))
    const now = { at: secondsSince(started), bytes: bytes() }
    intervals.push(toInterval(last.at, now.at, now.bytes - last.bytes))
    last = now
  }
  return intervals
}

const secondsSince = (started: number) => (performance.now() - started) / 1000

const toInterval = (start: number, end: number, bytes: number): Interval => ({
  start_time_seconds: start,
  end_time_seconds: end,
  throughput_mbits: (bytes * 8) / 1e6 / Math.max(0.001, end - start),
})

const bytesOf = ({ start_time_seconds: start, end_time_seconds: end, throughput_mbits }: Interval) =>
  (throughput_mbits * 1e6 * (end - start)) / 8

const sum = (intervals: readonly Interval[]) => intervals.reduce((total, interval) => total + bytesOf(interval), 0)

const extend = (interval: Interval, end: number, bytes: number) =>
  toInterval(interval.start_time_seconds, end, bytesOf(interval) + bytes)

const combine = (intervals: readonly Interval[]): Interval =>
  toInterval(0, intervals.at(-1)?.end_time_seconds ?? 0, sum(intervals))
