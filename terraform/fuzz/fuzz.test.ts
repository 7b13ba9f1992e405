import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'

// A million with `npm run fuzz`.
const rounds = 50_000

test('no spoiled template makes the language throw, hang or lose its place', async () => {
  const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31))
  console.log(`Repeat with FUZZ_SEED=${seed}`)
  expect(await fuzz({ seed, rounds }), `with FUZZ_SEED=${seed}`).toBeUndefined()
}, 600_000)
