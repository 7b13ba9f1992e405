// Capabilities of the desktop window that a browser lacks: one typed map, exposed by main/preload.ts as
// `window.coderDesktop`. All other features use HTTP and WebSocket.

export interface DesktopBridge {
  readonly platform: string
  /** Shows a folder picker; null if the user cancels. */
  pickFolder(): Promise<string | null>
  /** Opens an http(s) link in the user's browser. */
  openExternal(url: string): Promise<void>
  /** Brings the page's window to the front. */
  bringToFront(): Promise<void>
  /** Opens the deployment's log folder. */
  openLogs(): Promise<void>
  /** Subscribes to menu items and shortcuts of the shell that act in the page. Returns an unsubscribe function. */
  onCommand(listener: (command: DesktopCommand) => void): () => void
}

export type DesktopCommand =
  | 'new-workspace'
  | 'open-folder'
  | 'new-terminal-window'
  | 'go-workspaces'
  | 'go-terminals'
  | 'go-back'
  | 'go-forward'

declare global {
  interface Window {
    readonly coderDesktop?: DesktopBridge
  }
}
