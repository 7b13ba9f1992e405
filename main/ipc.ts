// Handles IPC calls of the window's pages. Each channel lists the pages that may call it; the sending frame is checked
// first, and arguments are validated before use.

import { mkdirSync } from 'node:fs'
import { BrowserWindow, clipboard, dialog, type IpcMainInvokeEvent, ipcMain, shell, type WebContents } from 'electron'
import { logsDirOf } from '../lib/deployment.ts'
import { version } from '../lib/version.ts'
import { channels } from './channels.ts'
import type { ShellDeployment } from './deployment.ts'
import { mayOpenExternally, webOrigin } from './links.ts'
import { type StartupView, startupUrl } from './startup-bridge.ts'
import { bringToFront, type ShellWindow } from './window.ts'

type Page = 'dashboard' | 'startup'

export function handleIpc(dataDir: string, window: ShellWindow, deployment: ShellDeployment): void {
  const isFrom = (page: Page, event: IpcMainInvokeEvent) => {
    const frame = event.senderFrame
    // A closed or embedded frame is not one of our pages.
    if (!frame || !window.isPage(frame)) return false
    const run = deployment.run()
    return page === 'startup'
      ? frame.url.startsWith(startupUrl)
      : run !== null && webOrigin(frame.url) === webOrigin(run.url)
  }
  const handle = (
    channel: string,
    pages: readonly Page[],
    action: (argument: unknown, sender: WebContents) => unknown,
  ) =>
    ipcMain.handle(channel, (event, argument: unknown) => {
      if (pages.some((page) => isFrom(page, event))) return action(argument, event.sender)
      throw new Error('This page may not call this channel.')
    })

  handle(channels.pickFolder, ['dashboard'], () => pickFolder(window))
  handle(channels.openExternal, ['dashboard'], (url) => openExternal(url))
  handle(channels.bringToFront, ['dashboard'], (_, sender) => {
    const own = BrowserWindow.fromWebContents(sender)
    if (own) bringToFront(own)
  })
  handle(channels.openLogs, ['dashboard', 'startup'], () => openLogs(dataDir))
  handle(channels.view, ['startup'], () => deployment.view())
  handle(channels.retry, ['startup'], () => deployment.retry())
  handle(channels.copyDiagnostics, ['startup'], () => clipboard.writeText(diagnostics(dataDir, deployment.view())))
}

async function pickFolder({ front }: ShellWindow): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(front(), {
    title: 'Open folder',
    properties: ['openDirectory', 'createDirectory'],
  })
  return canceled ? null : (filePaths[0] ?? null)
}

async function openExternal(url: unknown): Promise<void> {
  if (!mayOpenExternally(url)) throw new Error('Only http and https links can be opened.')
  await shell.openExternal(url)
}

async function openLogs(dataDir: string): Promise<void> {
  const folder = logsDirOf(dataDir)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const problem = await shell.openPath(folder)
  if (problem) throw new Error(`Could not open ${folder}: ${problem}`)
}

/** Plain text without secrets, safe to paste into a public report. */
function diagnostics(dataDir: string, view: StartupView): string {
  const steps = view.phase === 'stopped' ? [] : view.steps
  const failure =
    view.phase === 'failed' ? [view.message, view.detail, '', `Log ${view.logFile}:`, ...view.lastLines] : []
  return [
    `Coder Local ${version}, Electron ${process.versions.electron}, ${process.platform} ${process.arch}`,
    `Data folder ${dataDir}`,
    ...steps.map(({ title, state, ms, limitMs, detail }) =>
      `${title}: ${state}, ${ms} of ${limitMs} ms ${detail ?? ''}`.trimEnd(),
    ),
    ...failure,
  ].join('\n')
}
