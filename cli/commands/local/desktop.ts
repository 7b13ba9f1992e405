// `coder desktop`, the command of `npm start`: opens the deployment on this computer in a window, in a browser, or as a
// link. Attaches to a running deployment, or starts one and supervises it until Ctrl-C. With a window, the desktop shell
// (main/) does that instead.

import { spawn } from 'node:child_process'
import {
  type DeploymentOptions,
  findDeployment,
  superviseDeployment,
  waitUntilStopped,
} from '../../../lib/deployment.ts'
import type { RunFile } from '../../../lib/run-file.ts'
import { createLoginLink, dataDirOf, type GlobalOptions, requestStop } from '../../connection/local-deployment.ts'
import { findElectron } from '../../launch/electron-runtime.ts'
import { desktopShellFolder, loadServerConfig, serverCommand } from '../../launch/entrypoints.ts'
import { openUrl } from '../../launch/open-url.ts'
import { parseServerFlags, type SettingName } from '../../launch/server-flags.ts'
import { createStartupReporter } from '../../launch/startup-progress.ts'
import { formatDuration } from '../../output/formats.ts'
import { note, print } from '../../output/print.ts'

interface OpenOptions extends GlobalOptions {
  readonly browser?: boolean
  readonly headless?: boolean
}

export async function openDesktop(serverFlags: readonly string[], options: OpenOptions): Promise<void> {
  const env = await withSettings(serverFlags, options)
  const dataDir = dataDirOf({ globalConfig: env.CODER_CONFIG_DIR ?? '' })
  if (options.browser) return openInBrowser(dataDir, env)
  if (options.headless) return attachOrStart(dataDir, env, printLink)
  const electron = await findElectron(env)
  if ('executable' in electron) return openWindow(electron.executable, env)
  note(`Could not open a window: ${electron.missing}. Use the dashboard in a browser instead.`)
  return attachOrStart(dataDir, env, printLink)
}

/** The environment for coderd and the desktop shell, with flags as the corresponding variables. */
async function withSettings(serverFlags: readonly string[], options: OpenOptions): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = { ...process.env }
  if (options.globalConfig) env.CODER_CONFIG_DIR = options.globalConfig
  if (serverFlags.length === 0) return env
  const { settings } = await loadServerConfig()
  const { flags } = parseServerFlags(settings, serverFlags)
  for (const [name, value] of Object.entries(flags)) env[settings[name as SettingName].env] = value
  return env
}

async function openWindow(electron: string, env: NodeJS.ProcessEnv): Promise<void> {
  const isRoot = process.platform === 'linux' && process.getuid?.() === 0
  if (isRoot) note('Running as root: the window opens without the Chromium sandbox, which does not support root.')
  const child = spawn(electron, [...(isRoot ? ['--no-sandbox'] : []), desktopShellFolder()], {
    stdio: 'inherit',
    env: { ...env, CODER_LOCAL_NODE: process.execPath },
  })
  // The window is in the same process group and receives Ctrl-C too; wait for it to close.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 0))
  })
}

function openInBrowser(dataDir: string, env: NodeJS.ProcessEnv): Promise<void> {
  return attachOrStart(dataDir, env, async (run) => {
    const link = await createLoginLink(run)
    const isOpened = await openUrl(link)
    if (isOpened) note('Opened the dashboard in the browser.')
    else {
      note('Could not open a browser. Open this link, which signs in once:')
      print(link)
    }
  })
}

async function printLink(run: RunFile): Promise<void> {
  note('Open this link, which signs in once (`coder login-link` prints another one):')
  print(await createLoginLink(run))
}

/** Shows the running deployment, or starts one and supervises it. */
async function attachOrStart(
  dataDir: string,
  env: NodeJS.ProcessEnv,
  show: (run: RunFile) => Promise<void>,
): Promise<void> {
  const existing = await findDeployment(dataDir)
  if (existing) {
    note(`Attached to the running deployment (process ${existing.pid}) at ${existing.url}`)
    return show(existing)
  }
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const started = await superviseUntil(interrupted.signal, { dataDir, env, command: serverCommand() }, show)
  if (started) await stop(started)
  else if (interrupted.signal.aborted) note('The deployment keeps running: another process started it.')
}

/** @returns the deployment started here, if it is still running when the signal aborts */
async function superviseUntil(
  signal: AbortSignal,
  options: DeploymentOptions,
  show: (run: RunFile) => Promise<void>,
): Promise<RunFile | null> {
  let current: RunFile | null = null
  let isShown = false
  try {
    await superviseDeployment(
      { ...options, signal, onStep: createStartupReporter() },
      {
        running({ run, isOurs }) {
          current = isOurs ? run : null
          note(
            `Coder Local is ${isShown ? 'running again' : isOurs ? 'running' : 'already running'} at ${run.url} (process ${run.pid})`,
          )
          if (!isShown) void show(run).catch((error: Error) => note(`Could not create a link: ${error.message}`))
          isShown = true
        },
        crashed(retryInMs) {
          current = null
          note(
            `coderd exited unexpectedly; restarting it${retryInMs ? ` in ${formatDuration(retryInMs)}` : ''}. Workspaces keep running.`,
          )
        },
      },
    )
    note('The deployment has stopped.')
    return null
  } catch (error) {
    if (!signal.aborted) throw error
    return current
  }
}

async function stop(run: RunFile): Promise<void> {
  note('Stopping the deployment. Workspaces keep running.')
  await requestStop(run)
  if (!(await waitUntilStopped(run))) note(`coderd (process ${run.pid}) is still stopping in the background.`)
}
