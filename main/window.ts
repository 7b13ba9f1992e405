// The window: its place, what its pages may do, and what it shows: the start-up page until the deployment answers, then
// the dashboard, which stays when coderd is away and finds it again by itself. Its terminals may have windows of their
// own beside it, which close with it.

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
  /** The deployment answers at this origin: signs in with a link, unless the dashboard of that origin is shown already. */
  showDashboard(origin: string, mintLink: () => Promise<string>): Promise<void>
  /** Shows the view, unless it is a mere restart, which the dashboard bridges by itself. */
  showStartup(view: StartupView): void
  /** To the page that has the keyboard. */
  send(command: DesktopCommand): void
  focus(): void
  /** Whether a frame is the page of one of our windows, and not embedded in one. */
  isPage(frame: WebFrameMain | null): boolean
  /** The window that has the keyboard; the first one while none of ours has. */
  front(): BrowserWindow
}

// The window appears with the dashboard, or with the start-up page once this much time has passed: a page that only
// flashes by is unrest. Nor is it loaded before: leaving a page that is about to load costs more than loading the other.
const startupPageAfterMs = 300
// Chromium's ERR_ABORTED.
const overtakenByAnotherLoad = -3
// A page that keeps dying is not helped by the next reload.
const maxReloads = 3
const reloadsForgottenAfterMs = 60_000

const partition = 'persist:coder-local'
/** The page of the dashboard that may have windows of its own. */
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
  const beside = new Set<BrowserWindow>()
  const all = () => [window, ...beside]
  const front = () => all().find((each) => each.isFocused()) ?? window
  const guard = (guarded: BrowserWindow) => {
    restrict(guarded, () => origin)
    reloadWhenGone(guarded)
    guarded.webContents.on('did-create-window', (opened) => {
      beside.add(opened)
      opened.once('closed', () => beside.delete(opened))
      guard(opened)
    })
  }
  guard(window)
  restrictPermissions(pages, () => origin)
  window.once('closed', () => {
    for (const opened of beside) opened.close()
  })
  const reveal = onlyOnce(() => window.show())
  const startupTimer = setTimeout(() => {
    if (showing === 'nothing') load('startup', startupUrl)
    reveal()
  }, startupPageAfterMs)
  window.once('closed', () => clearTimeout(startupTimer))

  const load = (page: 'startup' | 'dashboard', url: string) => {
    showing = page
    const loaded = window
      .loadURL(url)
      .catch((error: Error) => console.error(`The window could not load its page: ${error.message}`))
    if (page === 'startup') startupIsLoaded = loaded
  }
  window.webContents.on('dom-ready', () => {
    if (showing === 'dashboard') reveal()
  })
  window.webContents.on('did-fail-load', (_event, code, _words, _url, isMainFrame) => {
    if (!isMainFrame || code === overtakenByAnotherLoad || showing !== 'dashboard') return
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
      // The link signs them in as well: cookies know no ports.
      for (const opened of beside) void opened.loadURL(`${origin}${terminalsPath}`)
    },
    showStartup(view) {
      const isBridged = showing === 'dashboard' && view.phase === 'starting' && view.isRestart
      if (isBridged) return
      // The page asks for the view itself when it comes up.
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

/** Showing a window again would pull it in front of what the person does by now. */
function onlyOnce(action: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) action()
    isDone = true
  }
}

/** What pages may do, in every window. */
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

const besideOptions = { ...smallest, width: 960, height: 640, title: 'Coder Local', webPreferences } as const

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

/** Deny by default: other addresses, new windows but those of terminals, embedded views. */
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
      return { action: 'allow', overrideBrowserWindowOptions: besideOptions }
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

/** The state lives in coderd and in the agents: a fresh page shows it all again. */
function reloadWhenGone(window: BrowserWindow): void {
  let reloads = 0
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    reloads += 1
    setTimeout(() => (reloads -= 1), reloadsForgottenAfterMs)
    if (reloads <= maxReloads) window.webContents.reload()
    else console.error(`The page has ended ${reloads} times within a minute (${reason}); it is not loaded again.`)
  })
}
