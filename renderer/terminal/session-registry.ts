// Sessions that were there before: a new one in the place of one of them is told as new. Ids are never used again.

const known = new Set<string>()

export const registerSessions = (ids: readonly string[]): void => {
  for (const id of ids) known.add(id)
}
export const isRegisteredSession = (id: string): boolean => known.has(id)
