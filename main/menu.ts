// The application menu. On Linux and Windows every accelerator contains Ctrl+Shift, because plain Ctrl belongs to the
// programs in terminals. In a terminal, its shortcuts (renderer/terminal/keys/terminal-actions.ts) take precedence.

import { app, Menu, type MenuItemConstructorOptions, shell } from 'electron'
import type { DesktopCommand } from '../api/desktop.ts'
import { logsDirOf } from '../lib/deployment.ts'
import type { ShellWindow } from './window.ts'

export interface MenuActions {
  openInBrowser(): void
  stopAndQuit(): void
}

const isMac = process.platform === 'darwin'
const key = (name: string) => (isMac ? `Cmd+${name}` : `Ctrl+Shift+${name}`)

export function setMenu(dataDir: string, window: ShellWindow, actions: MenuActions): void {
  const page = () => window.front().webContents
  const inPage = (label: string, command: DesktopCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => window.send(command),
    ...(accelerator ? { accelerator } : {}),
  })
  const zoom = (step: number) => () => page().setZoomLevel(step === 0 ? 0 : page().getZoomLevel() + step)

  const file: MenuItemConstructorOptions[] = [
    inPage('New workspace', 'new-workspace', key('N')),
    inPage('Open folder…', 'open-folder', key('O')),
    inPage('New terminal window', 'new-terminal-window'),
    { type: 'separator' },
    { label: 'Open in browser', click: actions.openInBrowser },
    { label: 'Show logs', click: () => void shell.openPath(logsDirOf(dataDir)) },
    { type: 'separator' },
    ...(isMac ? [] : quitItems(actions)),
  ]
  const edit: MenuItemConstructorOptions[] = [
    { role: 'undo' },
    { role: 'redo' },
    { type: 'separator' },
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'selectAll' },
  ]
  const view: MenuItemConstructorOptions[] = [
    { label: 'Reload', click: () => page().reload(), accelerator: isMac ? 'Cmd+R' : key('F5') },
    { label: 'Developer tools', click: () => page().toggleDevTools(), accelerator: isMac ? 'Alt+Cmd+I' : key('I') },
    { type: 'separator' },
    { label: 'Actual size', click: zoom(0), accelerator: key('0') },
    { label: 'Zoom in', click: zoom(0.5), accelerator: key('=') },
    { label: 'Zoom out', click: zoom(-0.5), accelerator: key('-') },
    { type: 'separator' },
    { role: 'togglefullscreen', accelerator: isMac ? 'Ctrl+Cmd+F' : key('F11') },
  ]
  const go: MenuItemConstructorOptions[] = [
    inPage('Workspaces', 'go-workspaces'),
    inPage('Terminals', 'go-terminals'),
    inPage('Back', 'go-back', isMac ? 'Cmd+[' : undefined),
    inPage('Forward', 'go-forward', isMac ? 'Cmd+]' : undefined),
  ]
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(isMac ? [{ label: app.name, submenu: [...macAppItems, ...quitItems(actions)] }] : []),
      { label: 'File', submenu: file },
      { label: 'Edit', submenu: edit },
      { label: 'View', submenu: view },
      { label: 'Go', submenu: go },
      { role: 'windowMenu', submenu: [{ role: 'minimize' }, { role: 'zoom' }] },
    ]),
  )
}

const macAppItems: MenuItemConstructorOptions[] = [
  { role: 'about' },
  { type: 'separator' },
  { role: 'services' },
  { role: 'hide' },
  { role: 'hideOthers' },
  { role: 'unhide' },
  { type: 'separator' },
]

/** Quit leaves the deployment and workspaces running; a separate item stops them. */
const quitItems = ({ stopAndQuit }: MenuActions): MenuItemConstructorOptions[] => [
  { label: 'Stop Coder Local and quit', click: stopAndQuit },
  { label: 'Quit', click: () => app.quit(), accelerator: key('Q') },
]
