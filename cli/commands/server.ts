// `coder server`: a deployment in the foreground, in this process. Its flags are the settings of coderd. Tells whoever
// started it over IPC (lib/deployment) what it tells a person on stderr.

import { Command } from 'commander'
import { readRunFile } from '../../lib/run-file.ts'
import type { StartupMessage } from '../../lib/startup-step.ts'
import { CommandError } from '../errors.ts'
import { closeInheritedFiles } from '../inherited-files.ts'
import { type GlobalOptions, mintLink } from '../local-deployment.ts'
import { note, print } from '../output.ts'
import { loadServer, loadServerSettings, type RunningServer, type Setting } from '../programs.ts'
import { startupLines } from '../startup-lines.ts'

export async function server(args: readonly string[], options: GlobalOptions): Promise<void> {
  if (process.connected) closeInheritedFiles()
  const { settings, loadConfig, toSettingsFile } = await loadServerSettings()
  const { flags, isToBeWritten } = parseFlags(settings, args)
  if (options.globalConfig) flags.dataDir = options.globalConfig
  if (isToBeWritten) return print((await toSettingsFile(await loadConfig(flags, process.env))).trimEnd())
  const showStep = startupLines()
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

interface GivenFlags {
  /** The values given on the command line, by setting name. */
  readonly flags: Record<string, string>
  readonly isToBeWritten: boolean
}

/** Prints help or complaints like every other command. */
export function parseFlags(settings: Readonly<Record<string, Setting>>, args: readonly string[]): GivenFlags {
  const command = new Command('coder server').description('Run a deployment in the foreground.').exitOverride()
  for (const { flag, env, help, fallback, kind } of Object.values(settings)) {
    // A switch may be named without a value.
    const value = kind === 'flag' ? '[bool]' : '<value>'
    const short = flag === 'config' ? '-c, ' : ''
    command.option(`${short}--${flag} ${value}`, `${help} [env ${env}]${fallback ? ` [default ${fallback}]` : ''}`)
  }
  command.option('--write-config', 'Print the settings as they are now, as such a file, and do nothing.')
  command.parse(args, { from: 'user' })
  const given = command.opts<Record<string, string | true>>()
  const nameInOptions = (flag: string) => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const flags = Object.fromEntries(
    Object.entries(settings).flatMap(([name, { flag }]) => {
      const value = given[nameInOptions(flag)]
      return value === undefined ? [] : [[name, String(value)]]
    }),
  )
  return { flags, isToBeWritten: given.writeConfig === true }
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
  if (run && isForAPerson) note(`Sign in, once: ${await mintLink(run)}`)
}
