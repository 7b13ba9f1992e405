// What the windows of one browser say to each other: a pane that was dragged into one of them leaves the other.

interface Taken {
  /** That stand in the telling window from now on. */
  readonly sessions: readonly string[]
}

const channel = new BroadcastChannel('terminal-layouts')

export const announceMovedSessions = (taken: Taken): void => channel.postMessage(taken)

export function onSessionsMoved(listener: (taken: Taken) => void): void {
  channel.addEventListener('message', ({ data }: MessageEvent<Taken>) => listener(data))
}
