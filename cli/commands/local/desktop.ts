// `coder desktop`, what `npm start` runs: the deployment of this computer, in a window, in a browser, or as a link.
// Attaches to a deployment that runs already. Without a window it stays, keeps the deployment running, and stops with
// Ctrl-C what it has started; with one, that is the shell's part (main/).

import { spawn } from 'node:child_process'
import { type DeploymentOptions, findDeployment, superviseDeployment, untilStopped } from '../../../lib/deployment.ts'
import type { RunFile } from '../../../lib/run-file.ts'
import { createLoginLink, dataDirOf, type GlobalOptions, requestStop } from '../../connection/local-deployment.ts'
import { findElectron } from '../../launch/electron-runtime.ts'
import { desktopShellFolder, loadServerConfig, ownCommand } from '../../launch/entrypoints.ts'
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
  if (options.headless) return serve(dataDir, env, printLink)
  const electron = await findElectron(env)
  if ('executable' in electron) return openWindow(electron.executable, env)
  note(`No window: ${electron.missing}. The same pages open in any browser.`)
  return serve(dataDir, env, printLink)
}

/** The environment in which coderd and the shell start: flags become the variables they stand for. */
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
  if (isRoot) note('Running as root: the window opens without the Chromium sandbox, which refuses root.')
  const child = spawn(electron, [...(isRoot ? ['--no-sandbox'] : []), desktopShellFolder()], {
    stdio: 'inherit',
    env: { ...env, CODER_LOCAL_NODE: process.execPath },
  })
  // Ctrl-C reaches the window too, as it is in our process group; we wait for it to close.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 0))
  })
}

function openInBrowser(dataDir: string, env: NodeJS.ProcessEnv): Promise<void> {
  return serve(dataDir, env, async (run) => {
    const link = await createLoginLink(run)
    const isOpened = await openUrl(link)
    if (isOpened) note('Opened in the browser.')
    else {
      note('No browser could be opened from here. Open this link, it signs in once:')
      print(link)
    }
  })
}

async function printLink(run: RunFile): Promise<void> {
  note('Open this link, it signs in once (`coder login-link` gives another):')
  print(await createLoginLink(run))
}

/** Shows the deployment; where it was not running, starts it, keeps it running and stays with it. */
async function serve(dataDir: string, env: NodeJS.ProcessEnv, show: (run: RunFile) => Promise<void>): Promise<void> {
  const existing = await findDeployment(dataDir)
  if (existing) {
    note(`Attached to the deployment that runs already (process ${existing.pid}) at ${existing.url}`)
    return show(existing)
  }
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const ours = await superviseUntil(interrupted.signal, { dataDir, env, command: ownCommand('server') }, show)
  if (ours) await stop(ours)
  else if (interrupted.signal.aborted) note('The deployment goes on: it was not started from here.')
}

/** @returns the deployment that we started and that still runs when the signal comes. */
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
            `Coder Local ${isShown ? 'is back' : isOurs ? 'answers' : 'runs already'} at ${run.url} (process ${run.pid})`,
          )
          if (!isShown) void show(run).catch((error: Error) => note(`No link could be made: ${error.message}`))
          isShown = true
        },
        crashed(retryInMs) {
          current = null
          note(
            `coderd has ended unexpectedly; starting it again${retryInMs ? ` in ${formatDuration(retryInMs)}` : ''}. Workspaces go on.`,
          )
        },
      },
    )
    note('The deployment was stopped.')
    return null
  } catch (error) {
    if (!signal.aborted) throw error
    return current
  }
}

async function stop(run: RunFile): Promise<void> {
  note('Stopping the deployment. Workspaces go on.')
  await requestStop(run)
  if (!(await untilStopped(run)))
    note(`coderd (process ${run.pid}) has not stopped yet; it goes on stopping in the background.`)
}
