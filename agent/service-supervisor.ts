// Runs the services as a child process and starts them again when they crash. The terminals do not notice.

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

// A crash at once is probably a crash again: wait longer each time. After a minute of life it counts as the first.
const firstRestartMs = 100
const lastRestartMs = 30_000
const provenMs = 60_000
// Commands that have not arrived in the history yet; the oldest are forgotten first.
const maxUnkept = 5_000
/** How long services that are replaced may take to send what they hold. */
const leaveMs = 3_000

export interface ServiceSupervisor {
  /** Process id of the services of the moment. */
  readonly pid: number | undefined
  /** For the history of commands. What ends while the services are away, or has not arrived when they end, is told to the
   *  next ones; the history takes each once. */
  report(command: ReportedCommand): void
  /** Replaces the services by those of a newer agent, where there are such and no start script runs. */
  renew(): void
  /** Lets the services run their stop scripts and end; kills them after `limitMs`. */
  stop(limitMs: number): Promise<void>
}

/** @param env of the child: the agent's own. @param count what the terminals do at the moment.
 *  @param find which program to run, asked at each start */
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
    onTrouble(`The agent's services ${happened}. They are started again in ${restartMs} ms.`)
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
      // Services that are newer than this holder may say what it does not know.
      if (message.kind === 'remember') memory = message.memory
      else if (message.kind === 'commands kept') unkept = unkept.filter(({ number }) => number > message.through)
      else if (message.kind === 'count') tell(services, { kind: 'counts', counts: count() })
    })
    services.on('error', (error) => {
      // Without a process there is no exit either: the system had no room for another one.
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
      if (isGone) return // the next start finds it
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

/** To a child that has just died nothing can be told; its exit is about to be noticed. */
function tell(child: ChildProcess, message: ToServices): void {
  if (child.connected) child.send(message, () => undefined)
}
