// What the desktop window can do, and what a browser has instead. The only file that touches the bridge.

import type { DesktopBridge, DesktopCommand } from '../api/desktop.ts'

/** Absent in a browser. */
export const desktop: DesktopBridge | undefined = window.coderDesktop

/** Whether this is a Mac's keyboard. */
export const isMac =
  (desktop?.platform ?? navigator.platform).toLowerCase().startsWith('mac') || desktop?.platform === 'darwin'

/** How the main modifier is written on this computer's keyboard. */
export const modifier = isMac ? '⌘' : 'Ctrl+'

/** Whether the main modifier is held. */
export const hasModifier = (event: { ctrlKey: boolean; metaKey: boolean }): boolean =>
  isMac ? event.metaKey : event.ctrlKey

/** Opens a link that came from a terminal or a template. Anything but http and https is left alone. */
export function openLink(address: string): void {
  if (!/^https?:\/\//i.test(address)) return
  if (desktop) void desktop.openExternal(address)
  else window.open(address, '_blank', 'noopener,noreferrer')
}

/** Shows this page, as the person has pressed what told of it. A page may do so itself in a browser only. */
export function bringToFront(): void {
  if (desktop) void desktop.bringToFront()
  else window.focus()
}

/** Listens to the keys and the menu of the window. Returns the way to stop. */
export const onDesktopCommand = (listener: (command: DesktopCommand) => void): (() => void) =>
  desktop?.onCommand(listener) ?? (() => undefined)
