import { expect, test } from 'vitest'
import { deriveWorkspaceStatus } from './workspace-status.ts'

test.each([
  ['start', 'pending', 'pending'],
  ['start', 'running', 'starting'],
  ['start', 'succeeded', 'running'],
  ['stop', 'running', 'stopping'],
  ['stop', 'succeeded', 'stopped'],
  ['delete', 'running', 'deleting'],
  ['delete', 'succeeded', 'deleted'],
  ['stop', 'canceling', 'canceling'],
  ['delete', 'canceled', 'canceled'],
  ['start', 'failed', 'failed'],
] as const)('a %s whose job is %s is shown as %s', (transition, job, status) => {
  expect(deriveWorkspaceStatus(transition, job)).toBe(status)
})
