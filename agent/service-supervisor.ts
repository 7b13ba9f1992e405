// Supervisor of the services process: restarts it after a crash and replaces it when a newer agent is installed.
// Terminals are not affected.

import { type ChildProcess, fork } from 'node:child_process'
import type { ReportedCommand } from '../api/agents/terminals.ts'
import type { Manifest } from './manifest.ts'
import {
  type FromServices,
  initialState,
  type ServicesState,
  type TerminalCounts,
  type ToServices,
} from './service-messages.ts'
import { findServices } from './services-program.ts'

// Restart delay: doubles after quick crashes, and resets after a minute of uptime.
const firstRestartMs = 100
const lastRestartMs = 30_000
const stableUptimeMs = 60_000
// Limit of commands not yet acknowledged by the history; the oldest are dropped.
const maxUnacknowledged = 5_000
/** How long replaced services may take to flush. */
const flushTimeoutMs = 3_000

export interface ServiceSupervisor {
  /** Process id of the current services. */
  readonly pid: number | undefined
  /** Adds a command to the history. Unacknowledged commands are sent again to the next services; the history ignores
   *  duplicates. */
  report(command: ReportedCommand): void
  /** Replaces the services by those of a newer agent, if there is one and no start script is running. */
  upgrade(): void
  /** Lets the services run their stop scripts and exit; kills them after the timeout. */
  stop(timeoutMs: number): Promise<void>
}

/** @param env environment of the child. @param count returns the current terminal counters.
 *  @param find locates the program at each start */
export function superviseServices(
  manifest: Manifest,
  env: NodeJS.ProcessEnv,
  onError: (message: string) => void,
  count: () => TerminalCounts,
  find: () => ReturnType<typeof findServices> = () => findServices(undefined),
): ServiceSupervisor {
  let state: ServicesState = initialState()
  let restartMs = firstRestartMs
  let restartTimer: NodeJS.Timeout | undefined
  let isStopping = false
  let isReplacing = false
  let lastNumber = 0
  let unacknowledged: Extract<ToServices, { kind: 'command' }>[] = []
  let startedAt = 0
  let program = find()
  let child = start()

  function restartLater(reason: string): void {
    if (isStopping) return
    if (Date.now() - startedAt > stableUptimeMs) restartMs = firstRestartMs
    onError(`The agent's services ${reason}. Restarting in ${restartMs} ms.`)
    restartTimer = setTimeout(() => {
      try {
        child = start()
      } catch (error) {
        restartLater(`could not be started (${(error as Error).message})`)
      }
    }, restartMs)
    restartMs = Math.min(restartMs * 2, lastRestartMs)
  }

  function start(): ChildProcess {
    startedAt = Date.now()
    program = find()
    const services = fork(program.file, [], {
      env,
      execPath: program.node,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    services.on('message', (message: FromServices) => {
      // Newer services may send messages unknown to this holder.
      if (message.kind === 'remember') state = message.memory
      else if (message.kind === 'commands kept')
        unacknowledged = unacknowledged.filter(({ number }) => number > message.through)
      else if (message.kind === 'count') send(services, { kind: 'counts', counts: count() })
    })
    services.on('error', (error) => {
      // A failed spawn emits no exit event.
      if (services.pid === undefined) restartLater(`could not be started (${error.message})`)
      else onError(`The agent's services: ${error.message}`)
    })
    services.on('exit', (code, signal) => {
      if (isReplacing && !isStopping) {
        isReplacing = false
        child = start()
        return
      }
      restartLater(`exited (${signal ?? `code ${code}`})`)
    })
    send(services, { kind: 'start', manifest, memory: state })
    for (const message of unacknowledged) send(services, message)
    return services
  }

  return {
    get pid() {
      return child.pid
    },
    report(command) {
      const message = { kind: 'command', command, number: ++lastNumber } as const
      unacknowledged.push(message)
      if (unacknowledged.length > maxUnacknowledged) unacknowledged.shift()
      send(child, message)
    },
    upgrade() {
      if (isReplacing || isStopping || state.startup === 'begun' || find().file === program.file) return
      const replaced = child
      const hasExited = replaced.pid === undefined || replaced.exitCode !== null || replaced.signalCode !== null
      if (hasExited) return // the next start uses the newer program
      isReplacing = true
      send(replaced, { kind: 'leave' })
      const deadline = setTimeout(() => replaced.kill('SIGKILL'), flushTimeoutMs)
      replaced.once('exit', () => clearTimeout(deadline))
    },
    async stop(timeoutMs) {
      isStopping = true
      clearTimeout(restartTimer)
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      const exited = new Promise((resolve) => child.once('exit', resolve))
      send(child, { kind: 'stop' })
      const deadline = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
      await exited
      clearTimeout(deadline)
    },
  }
}

/** Ignores failures: sending to a child that just exited fails, and its exit event follows. */
function send(child: ChildProcess, message: ToServices): void {
  if (child.connected) child.send(message, () => undefined)
}
