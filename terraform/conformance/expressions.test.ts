// Every expression case has the same outcome as in OpenTofu. The case files record it; if OpenTofu is installed, the
// recording is checked too.

import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { findTofu } from '../testing/tofu.ts'
import { readCases } from './expression-cases.ts'
import { FixtureScope } from './expressions-in-engine.ts'
import { evaluateInTofu } from './expressions-in-tofu.ts'

const fixtureDir = join(import.meta.dirname, 'fixture')
const fixture = new FixtureScope(fixtureDir)
const tofu = findTofu()

test('OpenTofu is installed in CI', () => {
  if (process.env.CI) expect(tofu, 'Run .ci/tofu.sh, or set CODER_LOCAL_TOFU to the executable.').toBeDefined()
})

for (const file of globSync(join(import.meta.dirname, 'cases/*.cases')).sort()) {
  const { cases } = readCases(readFileSync(file, 'utf8'))
  describe(basename(file, '.cases'), () => {
    test(`all ${cases.length} cases have the recorded outcomes`, () => {
      const ours = cases.map(({ expression }) => ({ expression, outcome: fixture.outcomeOf(expression) }))
      expect(ours).toEqual(cases)
    })

    test('OpenTofu has the recorded outcomes', requires('tofu'), () => {
      const expressions = cases.map(({ expression }) => expression)
      const outcomes = evaluateInTofu(tofu as string, fixtureDir, expressions)
      expect(expressions.map((expression, index) => ({ expression, outcome: outcomes[index] }))).toEqual(cases)
    })
  })
}
