// The desktop shell: one window per data folder on the deployment of this computer. It starts coderd where none runs,
// signs the window in, and leaves coderd running when it quits.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, dialog } from 'electron'
import { resolveDataDir } from '../lib/data-dir.ts'
import { openDeployment, type ShellDeployment } from './deployment.ts'
import { answerPages } from './ipc.ts'
import { setMenu } from './menu.ts'
import { declareStartupScheme } from './startup-protocol.ts'
import { openOutside, openWindow, type ShellWindow } from './window.ts'

// A coderd that has just answered and then refuses its page is about to end, or busy: soon, but not at once.
const retryDashboardAfterMs = 500

const dataDir = resolveDataDir(process.env.CODER_CONFIG_DIR)

// Chromium's own files lie in the data folder, and with them the lock that makes this the only shell of the folder.
const profileDir = join(dataDir, 'shell')
mkdirSync(profileDir, { recursive: true, mode: 0o700 })
app.setPath('userData', profileDir)
// Root may not use the sandbox and says so with the switch; asking for both ends every child process at once.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
declareStartupScheme()

if (app.requestSingleInstanceLock()) {
  app.whenReady().then(openShell).catch(endWithWords)
} else {
  console.error('The window of this deployment is open already; it has been brought to the front.')
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
    if (run) window.showDashboard(run.url, deployment.mintLink).catch(complain)
  }
  answerPages(dataDir, window, deployment)
  setMenu(dataDir, window, {
    openInBrowser: () => deployment.mintLink().then(openOutside, complain),
    stopAndQuit: () => void stopAndQuit(deployment),
  })
  followConventions(window)
}

async function stopAndQuit(deployment: ShellDeployment): Promise<void> {
  await deployment.stop().catch(complain)
  app.quit()
}

/** A second start focuses the window. On a Mac a closed window is only hidden, and the dock brings it back. */
function followConventions(window: ShellWindow): void {
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

function complain(error: Error): void {
  console.error(error.message)
}

function endWithWords(error: Error): void {
  dialog.showErrorBox('Coder Local could not open its window', error.message)
  app.exit(1)
}
