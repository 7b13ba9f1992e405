// Runs the services as a child process and restarts them after a crash. Terminals are not affected.

import { type ChildProcess, fork } from 'node:child_process'
import type { ReportedCommand } from '../api/agents/terminals.ts'
import type { Manifest } from './manifest.ts'
import {
  type AgentMemory,
  type FromServices,
  freshMemory,
  type TerminalCounts,
  type ToServices,
} from './service-messages.ts'
import { findServices } from './services-program.ts'

// Restart delay: doubles after quick crashes, and resets after a minute of uptime.
const firstRestartMs = 100
const lastRestartMs = 30_000
const provenMs = 60_000
// Limit of commands not yet acknowledged by the history; the oldest are dropped.
const maxUnkept = 5_000
/** How long replaced services may take to flush. */
const leaveMs = 3_000

export interface ServiceSupervisor {
  /** Process id of the current services. */
  readonly pid: number | undefined
  /** Adds a command to the history. Unacknowledged commands are sent again to the
   *  next services; the history ignores duplicates. */
  report(command: ReportedCommand): void
  /** Replaces the services by those of a newer agent, if there is one and no start script is running. */
  renew(): void
  /** Lets the services run their stop scripts and exit; kills them after `limitMs`. */
  stop(limitMs: number): Promise<void>
}

/** @param env environment of the child. @param count current terminal counters.
 *  @param find locates the program, at each start */
export function superviseServices(
  manifest: Manifest,
  env: NodeJS.ProcessEnv,
  onTrouble: (message: string) => void,
  count: () => TerminalCounts,
  find: () => ReturnType<typeof findServices> = () => findServices(undefined),
): ServiceSupervisor {
  let memory: AgentMemory = freshMemory()
  let restartMs = firstRestartMs
  let restart: NodeJS.Timeout | undefined
  let isStopping = false
  let isLeaving = false
  let lastNumber = 0
  let unkept: Extract<ToServices, { kind: 'command' }>[] = []
  let startedAt = 0
  let program = find()
  let child = start()

  function startAgain(happened: string): void {
    if (isStopping) return
    if (Date.now() - startedAt > provenMs) restartMs = firstRestartMs
    onTrouble(`The agent's services ${happened}. Restarting in ${restartMs} ms.`)
    restart = setTimeout(() => {
      try {
        child = start()
      } catch (error) {
        startAgain(`could not be started (${(error as Error).message})`)
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
      // Newer services may send messages that this holder does not know.
      if (message.kind === 'remember') memory = message.memory
      else if (message.kind === 'commands kept') unkept = unkept.filter(({ number }) => number > message.through)
      else if (message.kind === 'count') tell(services, { kind: 'counts', counts: count() })
    })
    services.on('error', (error) => {
      // A failed spawn emits no exit event.
      if (services.pid === undefined) startAgain(`could not be started (${error.message})`)
      else onTrouble(`The agent's services: ${error.message}`)
    })
    services.on('exit', (code, signal) => {
      if (isLeaving && !isStopping) {
        isLeaving = false
        child = start()
        return
      }
      startAgain(`ended (${signal ?? `code ${code}`})`)
    })
    tell(services, { kind: 'start', manifest, memory })
    for (const message of unkept) tell(services, message)
    return services
  }

  return {
    get pid() {
      return child.pid
    },
    report(command) {
      const message = { kind: 'command', command, number: ++lastNumber } as const
      unkept.push(message)
      if (unkept.length > maxUnkept) unkept.shift()
      tell(child, message)
    },
    renew() {
      if (isLeaving || isStopping || memory.startup === 'begun' || find().file === program.file) return
      const leaving = child
      const isGone = leaving.pid === undefined || leaving.exitCode !== null || leaving.signalCode !== null
      if (isGone) return // handled at the next start
      isLeaving = true
      tell(leaving, { kind: 'leave' })
      const deadline = setTimeout(() => leaving.kill('SIGKILL'), leaveMs)
      leaving.once('exit', () => clearTimeout(deadline))
    },
    async stop(limitMs) {
      isStopping = true
      clearTimeout(restart)
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      const exited = new Promise((resolve) => child.once('exit', resolve))
      tell(child, { kind: 'stop' })
      const deadline = setTimeout(() => child.kill('SIGKILL'), limitMs)
      await exited
      clearTimeout(deadline)
    },
  }
}

/** Sending to a child that just died fails; its exit event follows. */
function tell(child: ChildProcess, message: ToServices): void {
  if (child.connected) child.send(message, () => undefined)
}
