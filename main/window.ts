// The main window: its bounds, the permissions of its pages, and its content: the start-up page until the deployment
// responds, then the dashboard, which reconnects by itself when coderd restarts. Terminal windows close with it.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BrowserWindow, nativeTheme, type Session, screen, session, shell, type WebFrameMain } from 'electron'
import type { DesktopCommand } from '../api/desktop.ts'
import { channels } from './channels.ts'
import { mayOpenOutside, webOrigin } from './links.ts'
import { placeOnDisplays, readWindowPlace, writeWindowPlace } from './settings.ts'
import { type StartupView, startupUrl } from './startup-bridge.ts'
import { serveStartupPage } from './startup-protocol.ts'

export interface ShellWindow {
  readonly browserWindow: BrowserWindow
  /** Signs in with a link and shows the dashboard of this origin, unless it is shown already. */
  showDashboard(origin: string, mintLink: () => Promise<string>): Promise<void>
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
// Chromium's ERR_ABORTED.
const loadAborted = -3
// A page that keeps crashing is not fixed by another reload.
const maxReloads = 3
const reloadWindowMs = 60_000

const partition = 'persist:coder-local'
/** The only dashboard page that may open in separate windows. */
const terminalsPath = '/terminals'
const defaultSize = { width: 1280, height: 800 }
const background = { light: '#fafbfc', dark: '#101216' }

/** @param onDashboardLost the dashboard could not be loaded; the window shows the start-up page again. */
export function openWindow(dataDir: string, onDashboardLost: () => void): ShellWindow {
  const pages = session.fromPartition(partition)
  serveStartupPage(pages)
  const window = createWindow(dataDir)
  let showing: 'nothing' | 'startup' | 'dashboard' = 'nothing'
  let startupIsLoaded: Promise<void> = Promise.resolve()
  let origin: string | null = null
  const terminalWindows = new Set<BrowserWindow>()
  const all = () => [window, ...terminalWindows]
  const front = () => all().find((each) => each.isFocused()) ?? window
  const guard = (guarded: BrowserWindow) => {
    restrict(guarded, () => origin)
    reloadWhenGone(guarded)
    guarded.webContents.on('did-create-window', (opened) => {
      terminalWindows.add(opened)
      opened.once('closed', () => terminalWindows.delete(opened))
      guard(opened)
    })
  }
  guard(window)
  restrictPermissions(pages, () => origin)
  window.once('closed', () => {
    for (const opened of terminalWindows) opened.close()
  })
  const reveal = once(() => window.show())
  const startupTimer = setTimeout(() => {
    if (showing === 'nothing') load('startup', startupUrl)
    reveal()
  }, startupPageAfterMs)
  window.once('closed', () => clearTimeout(startupTimer))

  const load = (page: 'startup' | 'dashboard', url: string) => {
    showing = page
    const loaded = window
      .loadURL(url)
      .catch((error: Error) => console.error(`Could not load the page: ${error.message}`))
    if (page === 'startup') startupIsLoaded = loaded
  }
  window.webContents.on('dom-ready', () => {
    if (showing === 'dashboard') reveal()
  })
  window.webContents.on('did-fail-load', (_event, code, _words, _url, isMainFrame) => {
    if (!isMainFrame || code === loadAborted || showing !== 'dashboard') return
    load('startup', startupUrl)
    onDashboardLost()
  })

  return {
    browserWindow: window,
    async showDashboard(where, mintLink) {
      if (showing === 'dashboard' && origin === webOrigin(where)) return
      const link = await mintLink()
      await startupIsLoaded
      origin = webOrigin(where)
      load('dashboard', link)
      // The link signs these windows in too: cookies are shared by all ports of a host.
      for (const opened of terminalWindows) void opened.loadURL(`${origin}${terminalsPath}`)
    },
    showStartup(view) {
      const isBridged = showing === 'dashboard' && view.phase === 'starting' && view.isRestart
      if (isBridged) return
      // A page that is still loading requests the view itself.
      if (showing === 'startup') window.webContents.send(channels.viewChanged, view)
      else if (showing === 'dashboard') load('startup', startupUrl)
    },
    send: (command) => front().webContents.send(channels.command, command),
    isPage: (frame) => frame !== null && all().some(({ webContents }) => webContents.mainFrame === frame),
    front,
    focus() {
      bringToFront(window)
    },
  }
}

/** Showing a window twice would raise it above the window that the user has switched to. */
function once(action: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) action()
    isDone = true
  }
}

/** Restrictions for the pages of every window. */
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

const smallest = { minWidth: 390, minHeight: 320 } as const

const terminalWindowOptions = { ...smallest, width: 960, height: 640, title: 'Coder Local', webPreferences } as const

function createWindow(dataDir: string): BrowserWindow {
  const placeFile = join(dataDir, 'window.json')
  const displays = screen.getAllDisplays().map(({ workArea }) => workArea)
  const place = placeOnDisplays(readWindowPlace(placeFile), displays)
  const window = new BrowserWindow({
    ...(place ?? defaultSize),
    ...smallest,
    show: false,
    title: 'Coder Local',
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences,
  })
  if (place?.isMaximized) window.maximize()
  window.on('close', () =>
    writeWindowPlace(placeFile, { ...window.getNormalBounds(), isMaximized: window.isMaximized() }),
  )
  return window
}

/** Denies navigation to other origins, new windows except terminals, and embedded views. */
function restrict(window: BrowserWindow, origin: () => string | null): void {
  const { webContents } = window
  const isOurs = (url: string) => url.startsWith(startupUrl) || (origin() !== null && webOrigin(url) === origin())
  const keepInside = (event: Electron.Event, url: string) => {
    if (isOurs(url)) return
    event.preventDefault()
    openOutside(url)
  }
  webContents.on('will-navigate', keepInside)
  webContents.on('will-redirect', keepInside)
  webContents.on('will-attach-webview', (event) => event.preventDefault())
  webContents.setWindowOpenHandler(({ url }) => {
    if (isOurs(url) && new URL(url).pathname === terminalsPath)
      return { action: 'allow', overrideBrowserWindowOptions: terminalWindowOptions }
    openOutside(url)
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
    (_contents, permission, asking) => granted.has(permission) && webOrigin(asking) === origin(),
  )
  pages.setDevicePermissionHandler(() => false)
}

export function openOutside(url: string): void {
  if (mayOpenOutside(url)) void shell.openExternal(url)
}

/** Reloads a crashed page. All state is in coderd and the agents. */
function reloadWhenGone(window: BrowserWindow): void {
  let reloads = 0
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    reloads += 1
    setTimeout(() => (reloads -= 1), reloadWindowMs)
    if (reloads <= maxReloads) window.webContents.reload()
    else console.error(`The page has crashed ${reloads} times within a minute (${reason}). It is not reloaded again.`)
  })
}
