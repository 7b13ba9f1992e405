import { expect, test } from 'vitest'
import { runTests, summarizeRuns } from './testing/run-tests.ts'

test('an invalid test file reports its errors and skips all runs', async () => {
  const outcome = await runTests(
    { 'main.tf': 'output "a" {\n  value = 1\n}\n' },
    `run "a" {
  command = validate
  asert {
    condition = true
  }
}
run "b" {
  expect_failures = [local.x]
  assert {
    condition     = true
    error_message = "x"
  }
}
`,
  )
  expect(summarizeRuns(outcome)).toEqual([
    ['a', 'skip'],
    ['b', 'skip'],
  ])
  expect(outcome.status).toBe('error')
  expect(outcome.file.diagnostics.map(({ summary }) => summary)).toEqual([
    'Unsupported block type',
    'Invalid "command" keyword',
    'Invalid assert expression',
    'Invalid `expect_failures` reference',
  ])
})
