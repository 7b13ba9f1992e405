// Messages between the windows of one browser: a pane that is moved to another window is removed from its own.

interface MovedSessions {
  /** Sessions that the sending window shows from now on. */
  readonly sessions: readonly string[]
}

const channel = new BroadcastChannel('terminal-layouts')

export const announceMovedSessions = (moved: MovedSessions): void => channel.postMessage(moved)

export function onSessionsMoved(listener: (moved: MovedSessions) => void): void {
  channel.addEventListener('message', ({ data }: MessageEvent<MovedSessions>) => listener(data))
}
