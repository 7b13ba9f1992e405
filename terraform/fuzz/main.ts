// `npm run fuzz [rounds [seed]]`: fuzzes the language, with a million templates by default. Prints the input of a finding
// and exits with 1.

import { randomInt } from 'node:crypto'
import { fuzz } from './fuzz.ts'

const rounds = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? randomInt(2 ** 31))

console.log(`${rounds} templates, seed ${seed}`)
const finding = await fuzz({
  seed,
  rounds,
  onProgress: (done) => done % 10_000 === 0 && process.stderr.write(`${done}\r`),
})
if (finding) {
  console.log(`${finding.problem}\n\nin ${finding.file}, ${JSON.stringify(finding.text)}`)
  process.exitCode = 1
} else console.log('No exception and no invalid range.')
