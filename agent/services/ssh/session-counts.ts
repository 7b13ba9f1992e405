// Counts the open SSH sessions of a workspace by the kind of their client.

export type SessionKind = 'ssh' | 'vscode' | 'jetbrains'

export class SessionCounts {
  readonly #open = { ssh: 0, vscode: 0, jetbrains: 0 }
  #connections = 0

  /** @returns ends the session, once */
  begin(kind: SessionKind): () => void {
    this.#open[kind]++
    return once(() => this.#open[kind]--)
  }

  /** @returns ends the connection, once */
  beginConnection(): () => void {
    this.#connections++
    return once(() => this.#connections--)
  }

  read(): Readonly<Record<SessionKind | 'connections', number>> {
    return { ...this.#open, connections: this.#connections }
  }
}

function once(end: () => void): () => void {
  let isEnded = false
  return () => {
    if (!isEnded) end()
    isEnded = true
  }
}
