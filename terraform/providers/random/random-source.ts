// Uniform random integers, from the system or reproducible from a seed.

import { createHash, randomInt } from 'node:crypto'

/** Returns a uniform integer from 0 to below the limit; limits are at most 2^47. */
export type RandomSource = (limit: number) => number

/** Equal seeds give equal sequences. They are not those of the real provider, whose generator is Go's. */
export function randomSource(seed: string | undefined): RandomSource {
  if (seed === undefined || seed === '') return (limit) => randomInt(limit)
  let counter = 0
  const next = () => createHash('sha256').update(`${counter++}:${seed}`).digest().readUIntBE(0, 6)
  return (limit) => {
    // Rejects the incomplete last interval, which would prefer small results.
    const usable = 2 ** 48 - (2 ** 48 % limit)
    let value = next()
    while (value >= usable) value = next()
    return value % limit
  }
}

export const shuffled = <T>(items: readonly T[], random: RandomSource): T[] => {
  const result = [...items]
  for (let last = result.length - 1; last > 0; last--) {
    const at = random(last + 1)
    ;[result[last], result[at]] = [result[at] as T, result[last] as T]
  }
  return result
}
