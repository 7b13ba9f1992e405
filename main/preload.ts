// Sandboxed preload script of each page: exposes `window.coderDesktop` (api/desktop.ts) to the dashboard and
// `window.coderStartup` to the start-up page. Forwards only the calls listed here.

import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import type { DesktopBridge, DesktopCommand } from '../api/desktop.ts'
import { channels } from './channels.ts'
import { type StartupBridge, type StartupView, startupScheme } from './startup-bridge.ts'

const desktop: DesktopBridge = {
  platform: process.platform,
  pickFolder: () => ipcRenderer.invoke(channels.pickFolder),
  openExternal: (url) => ipcRenderer.invoke(channels.openExternal, url),
  bringToFront: () => ipcRenderer.invoke(channels.bringToFront),
  openLogs: () => ipcRenderer.invoke(channels.openLogs),
  onCommand(listener) {
    const receive = (_event: IpcRendererEvent, command: DesktopCommand) => listener(command)
    ipcRenderer.on(channels.command, receive)
    return () => ipcRenderer.removeListener(channels.command, receive)
  },
}

const startup: StartupBridge = {
  view: () => ipcRenderer.invoke(channels.view),
  onView(listener) {
    ipcRenderer.on(channels.viewChanged, (_event: IpcRendererEvent, view: StartupView) => listener(view))
  },
  retry: () => ipcRenderer.invoke(channels.retry),
  copyDiagnostics: () => ipcRenderer.invoke(channels.copyDiagnostics),
  openLogs: () => ipcRenderer.invoke(channels.openLogs),
}

if (location.protocol === `${startupScheme}:`) contextBridge.exposeInMainWorld('coderStartup', startup)
else contextBridge.exposeInMainWorld('coderDesktop', desktop)
