// Every expression case gives here what it gives in OpenTofu. What that is stands in the case files; where OpenTofu is
// there, it is asked again.

import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { findTofu } from '../testing/tofu.ts'
import { readCases } from './expression-cases.ts'
import { Scene } from './expressions-in-engine.ts'
import { evaluateInTofu } from './expressions-in-tofu.ts'

const sceneDir = join(import.meta.dirname, 'scene')
const scene = new Scene(sceneDir)
const tofu = findTofu()

test('OpenTofu is there to be asked, where it must be', () => {
  if (process.env.CI) expect(tofu, 'Run .ci/tofu.sh, or name the program with CODER_LOCAL_TOFU.').toBeDefined()
})

for (const file of globSync(join(import.meta.dirname, 'cases/*.cases')).sort()) {
  const { cases } = readCases(readFileSync(file, 'utf8'))
  describe(basename(file, '.cases'), () => {
    test(`gives what is recorded in all ${cases.length} cases`, () => {
      const ours = cases.map(({ expression }) => ({ expression, outcome: scene.outcomeOf(expression) }))
      expect(ours).toEqual(cases)
    })

    test('is recorded as OpenTofu says it', requires('tofu'), () => {
      const expressions = cases.map(({ expression }) => expression)
      const said = evaluateInTofu(tofu as string, sceneDir, expressions)
      expect(expressions.map((expression, index) => ({ expression, outcome: said[index] }))).toEqual(cases)
    })
  })
}
