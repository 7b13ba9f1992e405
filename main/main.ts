// The desktop shell: one window per data folder, connected to the deployment of this computer. Starts coderd if it is not
// running, signs the window in, and leaves coderd running on quit.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, dialog } from 'electron'
import { resolveDataDir } from '../lib/data-dir.ts'
import { openDeployment, type ShellDeployment } from './deployment.ts'
import { handleIpc } from './ipc.ts'
import { setMenu } from './menu.ts'
import { declareStartupScheme } from './startup-protocol.ts'
import { openExternally, openWindow, type ShellWindow } from './window.ts'

// Delay before the dashboard is loaded again. A coderd that started but does not serve its page is shutting down or
// overloaded, so an immediate retry would also fail.
const retryDashboardAfterMs = 500

const dataDir = resolveDataDir(process.env.CODER_CONFIG_DIR)

// The data folder contains Chromium's profile, including the lock that permits one shell per data folder.
const profileDir = join(dataDir, 'shell')
mkdirSync(profileDir, { recursive: true, mode: 0o700 })
app.setPath('userData', profileDir)
// Chromium's sandbox does not work as root. Root starts with --no-sandbox; enabling the sandbox as well would crash all
// child processes.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
declareStartupScheme()

if (app.requestSingleInstanceLock()) {
  app.whenReady().then(openShell).catch(exitWithError)
} else {
  console.error('Coder Local is already open for this data folder; its window is now in front.')
  app.quit()
}

function openShell(): void {
  const window = openWindow(dataDir, () => setTimeout(showDashboard, retryDashboardAfterMs))
  const deployment = openDeployment(dataDir, {
    onRunning: showDashboard,
    onView: (view) => window.showStartup(view),
  })
  function showDashboard(): void {
    const run = deployment.run()
    if (run) window.showDashboard(run.url, deployment.createLink).catch(logError)
  }
  handleIpc(dataDir, window, deployment)
  setMenu(dataDir, window, {
    openInBrowser: () => deployment.createLink().then(openExternally, logError),
    stopAndQuit: () => void stopAndQuit(deployment),
  })
  handleAppEvents(window)
}

async function stopAndQuit(deployment: ShellDeployment): Promise<void> {
  await deployment.stop().catch(logError)
  app.quit()
}

/** A second start focuses the window. On macOS closing the window hides it, and activating the app shows it again. */
function handleAppEvents(window: ShellWindow): void {
  app.on('second-instance', () => window.focus())
  if (process.platform !== 'darwin') return
  let isQuitting = false
  app.on('before-quit', () => {
    isQuitting = true
  })
  app.on('activate', () => window.focus())
  window.browserWindow.on('close', (event) => {
    if (isQuitting) return
    event.preventDefault()
    window.browserWindow.hide()
  })
}

function logError(error: Error): void {
  console.error(error.message)
}

function exitWithError(error: Error): void {
  dialog.showErrorBox('Could not open the Coder Local window', error.message)
  app.exit(1)
}
