// Omits empty strings from responses, which Coder's server does with `omitempty`.

/** @param keys properties to omit if they are empty */
export function omitEmpty<T extends object, K extends keyof T>(
  value: T,
  keys: readonly K[],
): Omit<T, K> & Partial<Pick<T, K>> {
  const result = { ...value }
  for (const key of keys) if (result[key] === '') delete result[key]
  return result
}
