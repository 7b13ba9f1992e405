import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'

// `npm run fuzz` runs a million.
const rounds = 50_000

test('mutated templates cause no exception, no hang and no invalid range', async () => {
  const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31))
  console.log(`Repeat with FUZZ_SEED=${seed}`)
  expect(await fuzz({ seed, rounds }), `with FUZZ_SEED=${seed}`).toBeUndefined()
}, 600_000)
