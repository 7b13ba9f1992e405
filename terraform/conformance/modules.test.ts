// Every module case gives here what it gives in OpenTofu: what is told and where, the plan, the state. What that is
// stands in the case files; where OpenTofu is there, it is asked again.

import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { findTofu } from '../testing/tofu.ts'
import { ownSummariesMark, readModuleCases } from './module-cases.ts'
import { alignOutcome, withoutSummaries } from './module-outcome.ts'
import { runModuleInEngine } from './modules-in-engine.ts'
import { runModulesInTofu } from './modules-in-tofu.ts'

const tofu = findTofu()

for (const file of globSync(join(import.meta.dirname, 'modules/*.cases')).sort()) {
  const text = readFileSync(file, 'utf8')
  const { cases } = readModuleCases(text)
  const told = text.includes(ownSummariesMark) ? withoutSummaries : (lines: readonly string[]) => [...lines]
  describe(basename(file, '.cases'), () => {
    for (const moduleCase of cases) {
      test(moduleCase.title, async () => {
        const recorded = moduleCase.outcome ?? []
        expect(alignOutcome(told(await runModuleInEngine(moduleCase)), recorded)).toEqual(recorded)
      })
    }

    test(`is recorded as OpenTofu says it, in all ${cases.length} cases`, {
      timeout: 300_000,
      ...requires('tofu'),
    }, async () => {
      const said = await runModulesInTofu(tofu as string, cases, availableParallelism())
      expect(cases.map(({ title }, index) => ({ title, outcome: told(said[index] ?? []) }))).toEqual(
        cases.map(({ title, outcome }) => ({ title, outcome })),
      )
      // A tenth of a second for each run of OpenTofu, of which a case has several, and there may be other work.
    })
  })
}
