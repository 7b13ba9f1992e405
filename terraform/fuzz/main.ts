// `npm run fuzz [rounds [seed]]`: a million spoiled templates, or as many as are asked for. Prints what it takes to repeat
// a finding, and exits with 1 when there is one.

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
} else console.log('Nothing was thrown, and every place is within its file.')
