// Session ids that this browser has shown before. A session that the agent creates under such an id replaces a lost one; ids
// are never reused.

const registered = new Set<string>()

export const registerSessions = (ids: readonly string[]): void => {
  for (const id of ids) registered.add(id)
}
export const isRegisteredSession = (id: string): boolean => registered.has(id)
