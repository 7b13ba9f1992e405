// `coder server`: a deployment in the foreground, in this process. Its flags are the settings of coderd. Tells whoever
// started it over IPC (lib/deployment) what it tells a person on stderr.

import { readRunFile } from '../../../lib/run-file.ts'
import type { StartupMessage } from '../../../lib/startup-step.ts'
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
  try {
    const config = await loadConfig(flags, process.env)
    const { runServer } = await loadServer()
    const running = await runServer(config, (step) => {
      showStep(step)
      tellStarter({ type: 'step', step })
    })
    stopOnSignals(running)
    await greet(running, config.dataDir)
    await running.stopped
    // Everything is closed. Whatever might still hold the process, it must not look alive to those who wait for its end.
    process.exit()
  } catch (error) {
    tellStarter(failureMessage(error))
    throw isAlreadyRunning(error)
      ? new CommandError(error.message, { hint: '`coder login-link` gives a link to it.' })
      : error
  }
}

/** coderd's AlreadyRunningError: it comes out of another bundle, where its class is not ours. */
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

/** Nobody may listen: the starter has its answer from run.json and goes its way. */
function tellStarter(message: StartupMessage): void {
  if (process.connected) process.send?.(message, undefined, {}, () => undefined)
}

function stopOnSignals(running: RunningServer): void {
  let isAsked = false
  const stop = () => {
    if (isAsked) process.exit(130) // asked twice: somebody is in a hurry
    isAsked = true
    note('Stopping. Workspaces go on.')
    void running.stop()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

async function greet(running: RunningServer, dataDir: string): Promise<void> {
  note(`Coder Local answers at ${running.url}`)
  const run = readRunFile(dataDir)
  // In the log file of a coderd that runs in the background a link would only be a secret lying around.
  const isForAPerson = process.stderr.isTTY || !process.connected
  if (run && isForAPerson) note(`Sign in, once: ${await createLoginLink(run)}`)
}
