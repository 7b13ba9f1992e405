// `coder exp scaletest workspace-traffic`: what is typed into a terminal of each workspace comes back, and how long it
// takes on its way.

import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { parseDuration } from '../../arguments/durations.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { CommandError } from '../../output/errors.ts'
import { note } from '../../output/print.ts'
import { type Job, requireAllPassed, runJobs, writeResults } from '../../scaletest/run-jobs.ts'
import { type StrategyFlags, strategyOf } from '../../scaletest/strategy.ts'
import { agentsOf, findWorkspaces } from '../../scaletest/test-workspaces.ts'
import { attachPty } from '../../terminals/pty-attachment.ts'

interface TrafficOptions extends GlobalOptions, StrategyFlags {
  readonly template?: string
  readonly targetWorkspaces?: string
  readonly bytesPerTick: number
  readonly tickInterval: string
  readonly output?: readonly string[]
}

// What is typed goes back as it is, and nothing of it means anything.
const echo = 'stty raw -echo; printf ready; exec cat'

export async function sendTraffic(_args: readonly string[], options: TrafficOptions): Promise<void> {
  const tickMs = parseDuration(options.tickInterval, '--tick-interval')
  if (tickMs < 1 || options.bytesPerTick < 1)
    throw new CommandError('--tick-interval and --bytes-per-tick are to be more than nothing.')
  const { jobTimeoutMs, ...strategy } = strategyOf(options)
  const connection = await connect(options)
  const targets = chosen(await findWorkspaces(connection), options)
  if (targets.length === 0)
    throw new CommandError('There is no running workspace of a load test.', {
      hint: '`coder exp scaletest create-workspaces --no-cleanup` makes some.',
    })
  note(`Typing ${options.bytesPerTick} bytes every ${tickMs} ms into ${targets.length} terminals …`)
  const jobs = targets.map(
    (workspace): Job => ({
      id: `${workspace.owner_name}.${workspace.name}`,
      run: (signal) =>
        typeAndRead(connection, workspace, { tickMs, bytes: options.bytesPerTick, jobTimeoutMs }, signal),
    }),
  )
  // The limit of a job is how long it types: it is no failure when that is over.
  const results = await runJobs('workspace-traffic', jobs, { ...strategy, jobTimeoutMs: 0 })
  writeResults(results, options.output)
  requireAllPassed(results)
}

/** @throws CommandError for a range that is none. */
function chosen(workspaces: readonly Workspace[], { template, targetWorkspaces }: TrafficOptions): Workspace[] {
  const running = workspaces
    .filter((workspace) => agentsOf(workspace).length > 0 && (!template || workspace.template_name === template))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  if (!targetWorkspaces) return running
  const [, from, to] = /^(\d+):(\d+)$/.exec(targetWorkspaces) ?? []
  if (from === undefined || to === undefined)
    throw new CommandError(`--target-workspaces "${targetWorkspaces}" is not a range.`, { hint: 'such as 0:10.' })
  return running.slice(Number(from), Number(to))
}

interface Typing {
  readonly tickMs: number
  readonly bytes: number
  readonly jobTimeoutMs: number
}

async function typeAndRead(
  connection: Connection,
  workspace: Workspace,
  { tickMs, bytes, jobTimeoutMs }: Typing,
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
      // Ticks are of one length and come back in their order.
      while (latencies.length < Math.floor(read / bytes))
        latencies.push(performance.now() - (sentAt[latencies.length] ?? 0))
    },
  })
  const ended = pty.ended.then(() => {
    throw new CommandError('The terminal ended by itself.')
  })
  await Promise.race([ready.promise, ended])
  const until = jobTimeoutMs > 0 ? performance.now() + jobTimeoutMs : Number.POSITIVE_INFINITY
  while (performance.now() < until && !signal.aborted) {
    sentAt.push(performance.now())
    // Letters only: no byte of them is a key with a meaning.
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
