// Which session of a workspace was looked at last in this browser. The agent's list is the truth about which exist.

const keyOf = (workspaceId: string): string => `terminal:${workspaceId}`

export const rememberSession = (workspaceId: string, sessionId: string): void =>
  localStorage.setItem(keyOf(workspaceId), sessionId)

/** The session to show when none is named: the last one looked at if the agent still holds it, else its newest. */
export function sessionToShow(workspaceId: string, held: readonly { readonly id: string }[]): string | undefined {
  const remembered = localStorage.getItem(keyOf(workspaceId))
  return (held.find(({ id }) => id === remembered) ?? held.at(-1))?.id
}

/** Also where the page is served over plain HTTP and `crypto.randomUUID` is closed. */
export function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  // Version 4, variant 1.
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
