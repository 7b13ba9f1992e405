// The main window: its bounds, the permissions of its pages, and its content: the start-up page until the deployment
// responds, then the dashboard, which reconnects by itself when coderd restarts. Terminal windows close with it.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BrowserWindow, nativeTheme, type Session, screen, session, shell, type WebFrameMain } from 'electron'
import type { DesktopCommand } from '../api/desktop.ts'
import { channels } from './channels.ts'
import { mayOpenExternally, webOrigin } from './links.ts'
import { type StartupView, startupUrl } from './startup-bridge.ts'
import { serveStartupPage } from './startup-protocol.ts'
import { readWindowBounds, selectVisibleBounds, writeWindowBounds } from './window-bounds.ts'

export interface ShellWindow {
  readonly browserWindow: BrowserWindow
  /** Signs in with a link and shows the dashboard of this origin, unless it is shown already. */
  showDashboard(origin: string, createLink: () => Promise<string>): Promise<void>
  /** Shows the start-up page, except during a restart, when the dashboard reconnects by itself. */
  showStartup(view: StartupView): void
  /** Sends to the page with the keyboard focus. */
  send(command: DesktopCommand): void
  focus(): void
  /** Whether a frame is the top-level page of one of our windows. */
  isPage(frame: WebFrameMain | null): boolean
  /** The focused window; the main window if none has the focus. */
  front(): BrowserWindow
}

// The window appears with the dashboard, or with the start-up page after this time, so that a fast start does not flash
// it. The page is not loaded earlier either, because aborting a page load delays the next one.
const startupPageAfterMs = 300
// Chromium's error code ERR_ABORTED.
const loadAborted = -3
// Limit of reloads within `reloadWindowMs`: a page that crashes more often is not fixed by another reload.
const maxReloads = 3
const reloadWindowMs = 60_000

const partition = 'persist:coder-local'
/** The only dashboard page that may open in separate windows. */
const terminalsPath = '/terminals'
const defaultSize = { width: 1280, height: 800 }
const background = { light: '#fafbfc', dark: '#101216' }

/** @param onDashboardLost called if the dashboard could not be loaded; the window then shows the start-up page */
export function openWindow(dataDir: string, onDashboardLost: () => void): ShellWindow {
  const pages = session.fromPartition(partition)
  serveStartupPage(pages)
  const window = createWindow(dataDir)
  let shownPage: 'nothing' | 'startup' | 'dashboard' = 'nothing'
  let startupIsLoaded: Promise<void> = Promise.resolve()
  let origin: string | null = null
  const terminalWindows = new Set<BrowserWindow>()
  const allWindows = () => [window, ...terminalWindows]
  const front = () => allWindows().find((each) => each.isFocused()) ?? window
  const restrictWindow = (target: BrowserWindow) => {
    restrictNavigation(target, () => origin)
    reloadAfterCrash(target)
    target.webContents.on('did-create-window', (opened) => {
      terminalWindows.add(opened)
      opened.once('closed', () => terminalWindows.delete(opened))
      restrictWindow(opened)
    })
  }
  restrictWindow(window)
  restrictPermissions(pages, () => origin)
  window.once('closed', () => {
    for (const opened of terminalWindows) opened.close()
  })
  const showOnce = once(() => window.show())
  const startupTimer = setTimeout(() => {
    if (shownPage === 'nothing') load('startup', startupUrl)
    showOnce()
  }, startupPageAfterMs)
  window.once('closed', () => clearTimeout(startupTimer))

  const load = (page: 'startup' | 'dashboard', url: string) => {
    shownPage = page
    const loaded = window
      .loadURL(url)
      .catch((error: Error) => console.error(`Could not load the page: ${error.message}`))
    if (page === 'startup') startupIsLoaded = loaded
  }
  window.webContents.on('dom-ready', () => {
    if (shownPage === 'dashboard') showOnce()
  })
  window.webContents.on('did-fail-load', (_event, code, _description, _url, isMainFrame) => {
    if (!isMainFrame || code === loadAborted || shownPage !== 'dashboard') return
    load('startup', startupUrl)
    onDashboardLost()
  })

  return {
    browserWindow: window,
    async showDashboard(url, createLink) {
      if (shownPage === 'dashboard' && origin === webOrigin(url)) return
      const link = await createLink()
      await startupIsLoaded
      origin = webOrigin(url)
      load('dashboard', link)
      // The link also signs in these windows, because all ports of a host share cookies.
      for (const opened of terminalWindows) void opened.loadURL(`${origin}${terminalsPath}`)
    },
    showStartup(view) {
      const willReconnect = shownPage === 'dashboard' && view.phase === 'starting' && view.isRestart
      if (willReconnect) return
      // A page that is still loading requests the view itself when it is ready.
      if (shownPage === 'startup') window.webContents.send(channels.viewChanged, view)
      else if (shownPage === 'dashboard') load('startup', startupUrl)
    },
    send: (command) => front().webContents.send(channels.command, command),
    isPage: (frame) => frame !== null && allWindows().some(({ webContents }) => webContents.mainFrame === frame),
    front,
    focus() {
      bringToFront(window)
    },
  }
}

/** Runs the action on the first call only: a second `show` would raise the window above the one the user has switched to. */
function once(action: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) action()
    isDone = true
  }
}

/** Web preferences of every window: sandboxed pages without Node.js. */
const webPreferences = {
  partition,
  preload: fileURLToPath(new URL('./preload.ts', import.meta.url)),
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  webSecurity: true,
  webviewTag: false,
  spellcheck: false,
} as const

const minSize = { minWidth: 390, minHeight: 320 } as const

const terminalWindowOptions = { ...minSize, width: 960, height: 640, title: 'Coder Local', webPreferences } as const

function createWindow(dataDir: string): BrowserWindow {
  const boundsFile = join(dataDir, 'window.json')
  const displays = screen.getAllDisplays().map(({ workArea }) => workArea)
  const bounds = selectVisibleBounds(readWindowBounds(boundsFile), displays)
  const window = new BrowserWindow({
    ...(bounds ?? defaultSize),
    ...minSize,
    show: false,
    title: 'Coder Local',
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences,
  })
  if (bounds?.isMaximized) window.maximize()
  window.on('close', () =>
    writeWindowBounds(boundsFile, { ...window.getNormalBounds(), isMaximized: window.isMaximized() }),
  )
  return window
}

/** Denies navigation to other origins, new windows except terminals, and embedded views. */
function restrictNavigation(window: BrowserWindow, origin: () => string | null): void {
  const { webContents } = window
  const isOurs = (url: string) => url.startsWith(startupUrl) || (origin() !== null && webOrigin(url) === origin())
  const blockForeignOrigin = (event: Electron.Event, url: string) => {
    if (isOurs(url)) return
    event.preventDefault()
    openExternally(url)
  }
  webContents.on('will-navigate', blockForeignOrigin)
  webContents.on('will-redirect', blockForeignOrigin)
  webContents.on('will-attach-webview', (event) => event.preventDefault())
  webContents.setWindowOpenHandler(({ url }) => {
    if (isOurs(url) && new URL(url).pathname === terminalsPath)
      return { action: 'allow', overrideBrowserWindowOptions: terminalWindowOptions }
    openExternally(url)
    return { action: 'deny' }
  })
}

export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}

function restrictPermissions(pages: Session, origin: () => string | null): void {
  const granted = new Set(['clipboard-sanitized-write', 'notifications'])
  pages.setPermissionRequestHandler((contents, permission, answer) =>
    answer(granted.has(permission) && webOrigin(contents.getURL()) === origin()),
  )
  pages.setPermissionCheckHandler(
    (_contents, permission, requestingOrigin) => granted.has(permission) && webOrigin(requestingOrigin) === origin(),
  )
  pages.setDevicePermissionHandler(() => false)
}

export function openExternally(url: string): void {
  if (mayOpenExternally(url)) void shell.openExternal(url)
}

/** Reloads a crashed page. All state is in coderd and the agents. */
function reloadAfterCrash(window: BrowserWindow): void {
  let reloads = 0
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    reloads += 1
    setTimeout(() => (reloads -= 1), reloadWindowMs)
    if (reloads <= maxReloads) window.webContents.reload()
    else console.error(`The page crashed ${reloads} times within a minute (${reason}) and is not reloaded again.`)
  })
}
