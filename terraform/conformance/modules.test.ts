// Every module case has the same outcome as in OpenTofu: diagnostics with ranges, plan and state. The case files record it;
// if OpenTofu is installed, the recording is checked too.

import { globSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { callInProcess } from '../../lib/testing/call-in-process.ts'
import { requires } from '../../lib/testing/requirements.ts'
import { findTofu } from '../testing/tofu.ts'
import { rangesOnlyMark, readModuleCases } from './module-cases.ts'
import { alignOutcome, withoutSummaries } from './module-outcome.ts'
import { runModuleInEngine } from './modules-in-engine.ts'
import { runModulesInTofu } from './modules-in-tofu.ts'

const tofu = findTofu()
const modulesInTofu = new URL('./modules-in-tofu.ts', import.meta.url)

for (const file of globSync(join(import.meta.dirname, 'modules/*.cases')).sort()) {
  const text = readFileSync(file, 'utf8')
  const { cases } = readModuleCases(text)
  const comparable = text.includes(rangesOnlyMark) ? withoutSummaries : (lines: readonly string[]) => [...lines]
  describe(basename(file, '.cases'), () => {
    for (const moduleCase of cases) {
      test(moduleCase.title, async () => {
        const recorded = moduleCase.outcome ?? []
        expect(alignOutcome(comparable(await runModuleInEngine(moduleCase)), recorded)).toEqual(recorded)
      })
    }

    // Each case runs OpenTofu several times, at 0.1 s each; the timeout leaves room for a busy machine.
    test(`OpenTofu has the recorded outcomes in all ${cases.length} cases`, {
      timeout: 300_000,
      ...requires('tofu'),
    }, async () => {
      const outcomes = await callInProcess(
        modulesInTofu,
        runModulesInTofu,
        tofu as string,
        cases,
        availableParallelism(),
      )
      expect(cases.map(({ title }, index) => ({ title, outcome: comparable(outcomes[index] ?? []) }))).toEqual(
        cases.map(({ title, outcome }) => ({ title, outcome })),
      )
    })
  })
}
