// `coder exp scaletest workspace-traffic`: sends input to a terminal of each workspace, which echoes it, and measures the
// round-trip time.

import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { parseDuration } from '../../arguments/durations.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { CommandError } from '../../output/errors.ts'
import { note } from '../../output/print.ts'
import { type Job, requireAllPassed, runJobs, writeResults } from '../../scaletest/run-jobs.ts'
import { parseStrategy, type StrategyFlags } from '../../scaletest/strategy.ts'
import { agentsOf, findWorkspaces } from '../../scaletest/test-workspaces.ts'
import { attachPty } from '../../terminals/pty-attachment.ts'

interface TrafficOptions extends GlobalOptions, StrategyFlags {
  readonly template?: string
  readonly targetWorkspaces?: string
  readonly bytesPerTick: number
  readonly tickInterval: string
  readonly output?: readonly string[]
}

// Echoes all bytes unchanged, without interpreting control characters.
const echo = 'stty raw -echo; printf ready; exec cat'

export async function sendTraffic(_args: readonly string[], options: TrafficOptions): Promise<void> {
  const tickMs = parseDuration(options.tickInterval, '--tick-interval')
  if (tickMs < 1 || options.bytesPerTick < 1)
    throw new CommandError('--tick-interval and --bytes-per-tick must be greater than 0.')
  const { jobTimeoutMs, ...strategy } = parseStrategy(options)
  const connection = await connect(options)
  const targets = selectTargets(await findWorkspaces(connection), options)
  if (targets.length === 0)
    throw new CommandError('No load-test workspaces are running.', {
      hint: '`coder exp scaletest create-workspaces --no-cleanup` creates some.',
    })
  note(`Sending ${options.bytesPerTick} bytes every ${tickMs} ms to ${targets.length} terminals …`)
  const jobs = targets.map(
    (workspace): Job => ({
      id: `${workspace.owner_name}.${workspace.name}`,
      run: (signal) =>
        measureEcho(connection, workspace, { tickMs, bytes: options.bytesPerTick, jobTimeoutMs }, signal),
    }),
  )
  // Each job runs for --job-timeout, so reaching it is not a failure.
  const results = await runJobs('workspace-traffic', jobs, { ...strategy, jobTimeoutMs: 0 })
  writeResults(results, options.output)
  requireAllPassed(results)
}

/** @throws CommandError for an invalid range */
function selectTargets(workspaces: readonly Workspace[], { template, targetWorkspaces }: TrafficOptions): Workspace[] {
  const running = workspaces
    .filter((workspace) => agentsOf(workspace).length > 0 && (!template || workspace.template_name === template))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  if (!targetWorkspaces) return running
  const [, from, to] = /^(\d+):(\d+)$/.exec(targetWorkspaces) ?? []
  if (from === undefined || to === undefined)
    throw new CommandError(`--target-workspaces "${targetWorkspaces}" is not a range.`, {
      hint: 'use a range such as 0:10.',
    })
  return running.slice(Number(from), Number(to))
}

interface Load {
  readonly tickMs: number
  readonly bytes: number
  readonly jobTimeoutMs: number
}

async function measureEcho(
  connection: Connection,
  workspace: Workspace,
  { tickMs, bytes, jobTimeoutMs }: Load,
  signal: AbortSignal,
): Promise<Record<string, number>> {
  const [agent] = agentsOf(workspace)
  let greeting = ''
  const ready = Promise.withResolvers<void>()
  const sentAt: number[] = []
  const latencies: number[] = []
  let read = 0
  const pty = attachPty(connection, {
    agentId: agent?.id ?? '',
    id: randomUUID(),
    command: echo,
    cols: 80,
    rows: 24,
    onOutput(output) {
      if (!greeting.endsWith('ready')) {
        greeting += output.toString()
        if (greeting.endsWith('ready')) ready.resolve()
        return
      }
      read += output.length
      // Ticks have equal length and are echoed in order.
      while (latencies.length < Math.floor(read / bytes))
        latencies.push(performance.now() - (sentAt[latencies.length] ?? 0))
    },
  })
  const ended = pty.ended.then(() => {
    throw new CommandError('The terminal session ended unexpectedly.')
  })
  await Promise.race([ready.promise, ended])
  const until = jobTimeoutMs > 0 ? performance.now() + jobTimeoutMs : Number.POSITIVE_INFINITY
  while (performance.now() < until && !signal.aborted) {
    sentAt.push(performance.now())
    // Hexadecimal digits, so that no byte is a control character.
    pty.write(randomBytes(bytes).toString('hex').slice(0, bytes))
    await Promise.race([sleep(tickMs), ended])
  }
  ended.catch(() => undefined)
  pty.detach()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => Math.round((latencies[Math.floor((latencies.length - 1) * share)] ?? 0) * 100) / 100
  return {
    bytes_written: sentAt.length * bytes,
    bytes_read: read,
    latency_p50_ms: at(0.5),
    latency_p99_ms: at(0.99),
  }
}
