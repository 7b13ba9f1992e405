// Records OpenTofu's outcomes in the case files: `node terraform/conformance/record.ts [file…]`. Unrecorded expression
// cases end in `=> ?`; unrecorded module cases have no `=>`. Prints cases in which this engine differs.

import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { findTofu } from '../testing/tofu.ts'
import { readCases, writeCases } from './expression-cases.ts'
import { FixtureScope } from './expressions-in-engine.ts'
import { evaluateInTofu } from './expressions-in-tofu.ts'
import { rangesOnlyMark, readModuleCases, writeModuleCases } from './module-cases.ts'
import { alignOutcome, withoutSummaries } from './module-outcome.ts'
import { runModuleInEngine } from './modules-in-engine.ts'
import { runModulesInTofu } from './modules-in-tofu.ts'

const fixtureDir = join(import.meta.dirname, 'fixture')
const named = process.argv.slice(2)
const files = named.length > 0 ? named : globSync(join(import.meta.dirname, '{cases,modules}/*.cases'))
const found = findTofu()
if (!found) throw new Error('OpenTofu is not installed. Run .ci/tofu.sh, or set CODER_LOCAL_TOFU to the executable.')
const tofu = found

for (const file of files) {
  const text = readFileSync(file, 'utf8')
  const [count, different] = text.includes('\n== ') ? await recordModules(file, text) : recordExpressions(file, text)
  process.stdout.write(`${file}: ${count} cases, ${different} differ\n`)
}

function recordExpressions(file: string, text: string): [number, number] {
  const fixture = new FixtureScope(fixtureDir)
  const read = readCases(text)
  const expressions = read.cases.map(({ expression }) => expression)
  const outcomes = evaluateInTofu(tofu, fixtureDir, expressions)
  const cases = expressions.map((expression, index) => ({ expression, outcome: outcomes[index] }))
  writeFileSync(file, writeCases({ head: read.head, cases }))
  let different = 0
  for (const { expression, outcome } of cases) {
    const ours = fixture.outcomeOf(expression)
    if (ours === outcome) continue
    different++
    process.stdout.write(`${expression}\n  tofu ${outcome}\n  ours ${ours}\n`)
  }
  return [cases.length, different]
}

async function recordModules(file: string, text: string): Promise<[number, number]> {
  const read = readModuleCases(text)
  const real = await runModulesInTofu(tofu, read.cases, availableParallelism())
  const ignoresSummaries = text.includes(rangesOnlyMark)
  const outcomes = ignoresSummaries ? real.map(withoutSummaries) : real
  const cases = read.cases.map((moduleCase, index) => ({ ...moduleCase, outcome: outcomes[index] ?? [] }))
  writeFileSync(file, writeModuleCases({ head: read.head, cases }))
  let different = 0
  for (const moduleCase of cases) {
    const outcome = await runModuleInEngine(moduleCase)
    const ours = alignOutcome(ignoresSummaries ? withoutSummaries(outcome) : outcome, moduleCase.outcome)
    if (ours.join('\n') === moduleCase.outcome.join('\n')) continue
    different++
    const missing = moduleCase.outcome.filter((line) => !ours.includes(line)).map((line) => `  tofu ${line}`)
    const surplus = ours.filter((line) => !moduleCase.outcome.includes(line)).map((line) => `  ours ${line}`)
    process.stdout.write(`${[`== ${moduleCase.title}`, ...missing, ...surplus].join('\n')}\n`)
  }
  return [cases.length, different]
}
