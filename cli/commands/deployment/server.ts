// `coder server`: runs coderd in this process, in the foreground. Its flags are coderd's settings. Start-up progress goes to
// stderr and, over IPC, to the parent process (lib/deployment).

import { readRunFile } from '../../../lib/run-file.ts'
import type { StartupMessage, StartupStep } from '../../../lib/startup-step.ts'
import { createLoginLink, type GlobalOptions } from '../../connection/local-deployment.ts'
import { loadServer, loadServerConfig, type RunningServer } from '../../launch/entrypoints.ts'
import { closeInheritedFiles } from '../../launch/inherited-files.ts'
import { parseServerFlags } from '../../launch/server-flags.ts'
import { createStartupReporter } from '../../launch/startup-progress.ts'
import { CommandError } from '../../output/errors.ts'
import { note, print } from '../../output/print.ts'

export async function server(args: readonly string[], options: GlobalOptions): Promise<void> {
  if (process.connected) closeInheritedFiles()
  const { settings, loadConfig, formatConfigFile } = await loadServerConfig()
  const { flags, writesConfig } = parseServerFlags(settings, args)
  if (options.globalConfig) flags.dataDir = options.globalConfig
  if (writesConfig) return print((await formatConfigFile(await loadConfig(flags, process.env))).trimEnd())
  const showStep = createStartupReporter()
  const interruption = stopOnSignals()
  try {
    const config = await loadConfig(flags, process.env)
    const { runServer } = await loadServer()
    const reportStep = (step: StartupStep) => {
      showStep(step)
      notifyParent({ type: 'step', step })
    }
    const running = await runServer(config, reportStep, undefined, interruption)
    if (interruption.aborted) void running.stop()
    else interruption.addEventListener('abort', () => void running.stop())
    if (!interruption.aborted) await printAccess(running, config.dataDir)
    await running.stopped
    // Everything is closed. A leftover handle must not keep the process alive: others wait for its exit.
    process.exit()
  } catch (error) {
    if (interruption.aborted) process.exit(130)
    notifyParent(failureMessage(error))
    throw isAlreadyRunning(error)
      ? new CommandError(error.message, { hint: '`coder login-link` prints a link to it.' })
      : error
  }
}

/** coderd's AlreadyRunningError. It comes from another bundle, so `instanceof` cannot recognize it. */
const isAlreadyRunning = (error: unknown): error is Error & { pid: number } =>
  error instanceof Error && error.name === 'AlreadyRunningError'

function failureMessage(error: unknown): StartupMessage {
  const { message, detail } = error as Error & { detail?: string }
  return {
    type: 'failed',
    message,
    ...(detail ? { detail } : {}),
    ...(isAlreadyRunning(error) ? { runningPid: error.pid } : {}),
  }
}

/** Errors are ignored: a parent that has read run.json may have closed the channel. */
function notifyParent(message: StartupMessage): void {
  if (process.connected) process.send?.(message, undefined, {}, () => undefined)
}

/** Aborted by the first SIGINT or SIGTERM, also during the start. The second one forces the exit. */
function stopOnSignals(): AbortSignal {
  const interruption = new AbortController()
  const stop = () => {
    if (interruption.signal.aborted) process.exit(130)
    note('Stopping. Workspaces keep running.')
    interruption.abort(new Error('interrupted'))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  return interruption.signal
}

async function printAccess(running: RunningServer, dataDir: string): Promise<void> {
  note(`Coder Local is running at ${running.url}`)
  const run = readRunFile(dataDir)
  // A background coderd logs to a file, where the link would leave a secret.
  const isForeground = process.stderr.isTTY || !process.connected
  if (!run || !isForeground) return
  note(`One-time sign-in link: ${await createLoginLink(run)}`)
  if (running.setupCode) note(`Setup code, to create the first user from another computer: ${running.setupCode}`)
}
