// What the window of the desktop shell can do that a browser cannot: one typed map, exposed by main/preload.ts as
// `window.coderDesktop`. Everything else of the product travels over HTTP and WebSocket.

export interface DesktopBridge {
  readonly platform: string
  /** Asks the person for a folder; null when they changed their mind. */
  pickFolder(): Promise<string | null>
  /** Opens an http(s) link in the browser of the person. */
  openExternal(url: string): Promise<void>
  /** Brings the page's window before all others, wherever it is. */
  bringToFront(): Promise<void>
  /** Opens the folder with the logs of the deployment. */
  openLogs(): Promise<void>
  /** Menu items and keys of the shell that act in the page. Returns the way to stop listening. */
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
