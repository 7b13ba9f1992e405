// The desktop shell: one window per data folder, connected to the deployment of this computer. Starts coderd if it is not
// running, signs the window in, and leaves coderd running on quit.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, dialog } from 'electron'
import { resolveDataDir } from '../lib/data-dir.ts'
import { openDeployment, type ShellDeployment } from './deployment.ts'
import { answerPages } from './ipc.ts'
import { setMenu } from './menu.ts'
import { declareStartupScheme } from './startup-protocol.ts'
import { openOutside, openWindow, type ShellWindow } from './window.ts'

// A coderd that has responded and then fails to serve its page is shutting down or overloaded: an immediate retry
// would fail too.
const retryDashboardAfterMs = 500

const dataDir = resolveDataDir(process.env.CODER_CONFIG_DIR)

// Chromium's profile is in the data folder, and so is the lock that permits one shell per data folder.
const profileDir = join(dataDir, 'shell')
mkdirSync(profileDir, { recursive: true, mode: 0o700 })
app.setPath('userData', profileDir)
// Chromium's sandbox does not work as root, who passes --no-sandbox; enabling it as well would crash all child processes.
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
    if (run) window.showDashboard(run.url, deployment.mintLink).catch(logError)
  }
  answerPages(dataDir, window, deployment)
  setMenu(dataDir, window, {
    openInBrowser: () => deployment.mintLink().then(openOutside, logError),
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
