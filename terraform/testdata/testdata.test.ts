// Runs every case of this folder. A case is a `.tf` file that ends in its expected results: lines `# output NAME: JSON`
// and `# error LINE:COLUMN: Summary`. Terraform produced the values of the cases without resources.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { positionAt } from '../diagnostics/source.ts'
import { evaluateOutput } from '../engine/evaluation/outputs.ts'
import { planTemplate } from '../engine/plan/plan.ts'
import { parseTemplate } from '../engine/template/template.ts'
import { coderProvider } from '../providers/coder/provider.ts'
import { terraformProvider } from '../providers/terraform/provider.ts'
import { build, coderContext } from '../testing/build-fixture.ts'
import { valueToJson } from '../values/json.ts'

const dir = import.meta.dirname

for (const file of readdirSync(dir).filter((name) => name.endsWith('.tf'))) {
  const text = readFileSync(`${dir}/${file}`, 'utf8')
  const template = parseTemplate(dir, [{ file, text }])
  const expectedErrors = [...text.matchAll(/^# error (\d+:\d+: .*)$/gm)].map(([, line]) => line)
  const expectedOutputs = [...text.matchAll(/^# output (\w+): (.*)$/gm)].map(([, name, json]) => [
    name,
    JSON.parse(json ?? ''),
  ])

  if (expectedErrors.length === 0) {
    test(`${file} has the expected outputs`, async () => {
      const { state, diagnostics } = await build(template)
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
      const outputs = Object.entries(state.outputs).map(([name, { value }]) => [
        name,
        JSON.parse(JSON.stringify(value)),
      ])
      expect(Object.fromEntries(outputs)).toEqual(Object.fromEntries(expectedOutputs))
    })
  } else {
    test(`${file} has the expected errors, and its valid outputs are evaluated`, async () => {
      const providers = [coderProvider(coderContext()), terraformProvider()]
      const request = { template, variables: {}, providers, state: null, mode: 'apply' as const }
      const { plan, diagnostics } = await planTemplate({
        ...request,
        signal: new AbortController().signal,
        onEvent: () => undefined,
      })
      const reported = diagnostics.map(({ range, summary }) => {
        const { line, column } = positionAt(text, range?.start ?? 0)
        return `${line}:${column}: ${summary}`
      })
      expect(reported.sort()).toEqual(expectedErrors.sort())
      for (const [name, value] of expectedOutputs) {
        const output = template.module.outputs.get(name)
        expect(output && valueToJson(evaluateOutput(output, plan.evaluation).value)).toEqual(value)
      }
    })
  }
}
