// Writes into the case files what OpenTofu says: `node terraform/conformance/record.ts [file…]`. Cases end in `=> ?`
// until then. Shows where this engine says something else.

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCases, writeCases } from './case-file.ts'
import { Scene } from './ours.ts'
import { askTofu, findTofu } from './tofu.ts'

const sceneDir = join(import.meta.dirname, 'scene')
const named = process.argv.slice(2)
const files = named.length > 0 ? named : globSync(join(import.meta.dirname, 'cases/*.cases'))
const tofu = findTofu()
if (!tofu) throw new Error('There is no OpenTofu to ask. Run .ci/tofu.sh, or name one with CODER_LOCAL_TOFU.')

const scene = new Scene(sceneDir)
for (const file of files) {
  const read = readCases(readFileSync(file, 'utf8'))
  const outcomes = askTofu(
    tofu,
    sceneDir,
    read.cases.map(({ expression }) => expression),
  )
  const cases = read.cases.map(({ expression }, index) => ({ expression, outcome: outcomes[index] }))
  writeFileSync(file, writeCases({ head: read.head, cases }))
  let different = 0
  for (const { expression, outcome } of cases) {
    const ours = scene.outcomeOf(expression)
    if (ours === outcome) continue
    different++
    process.stdout.write(`${expression}\n  tofu ${outcome}\n  ours ${ours}\n`)
  }
  process.stdout.write(`${file}: ${cases.length} cases, ${different} differ\n`)
}
