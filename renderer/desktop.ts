// Features of the desktop window and their replacements in a browser. The only file that uses the bridge.

import type { DesktopBridge, DesktopCommand } from '../api/desktop.ts'

/** Absent in a browser. */
export const desktop: DesktopBridge | undefined = window.coderDesktop

/** Whether the keyboard follows macOS conventions. */
export const isMac =
  (desktop?.platform ?? navigator.platform).toLowerCase().startsWith('mac') || desktop?.platform === 'darwin'

/** Label of the main modifier key. */
export const modifier = isMac ? '⌘' : 'Ctrl+'

/** Opens an http(s) link from a terminal or template; ignores other schemes. */
export function openLink(address: string): void {
  if (!/^https?:\/\//i.test(address)) return
  if (desktop) void desktop.openExternal(address)
  else window.open(address, '_blank', 'noopener,noreferrer')
}

/** Brings this page to the front after a click on its notification. Browsers allow it without the bridge. */
export function bringToFront(): void {
  if (desktop) void desktop.bringToFront()
  else window.focus()
}

/** Listens to the window's menu commands. Returns the unsubscribe function. */
export const onDesktopCommand = (listener: (command: DesktopCommand) => void): (() => void) =>
  desktop?.onCommand(listener) ?? (() => undefined)
