import { expect, test } from 'vitest'
import { deriveAgentHealth, deriveAgentStatus } from '../agents/agent-status.ts'
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

const now = new Date('2026-01-01T12:00:00Z')
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000)
const agent = {
  created_at: before(60),
  first_connected_at: null,
  last_connected_at: null,
  disconnected_at: null,
  connection_timeout_seconds: 120,
}

test('an agent that never came is waited for until its time is over', () => {
  expect(deriveAgentStatus(agent, false, now)).toBe('connecting')
  expect(deriveAgentStatus({ ...agent, created_at: before(121) }, false, now)).toBe('timeout')
  expect(deriveAgentStatus({ ...agent, created_at: before(9999), connection_timeout_seconds: 0 }, false, now)).toBe(
    'connecting',
  )
})

test('an agent is connected while it is held here or was seen lately, and gone after its farewell or long silence', () => {
  const seen = { ...agent, first_connected_at: before(50), last_connected_at: before(10) }
  expect(deriveAgentStatus(seen, false, now)).toBe('connected')
  expect(deriveAgentStatus({ ...seen, disconnected_at: before(5) }, false, now)).toBe('disconnected')
  expect(deriveAgentStatus({ ...seen, last_connected_at: before(31) }, false, now)).toBe('disconnected')
  expect(deriveAgentStatus({ ...seen, last_connected_at: before(31) }, true, now)).toBe('connected')
})

test('an unhealthy agent says why', () => {
  expect(deriveAgentHealth('connected', 'ready')).toEqual({ healthy: true })
  expect(deriveAgentHealth('connecting', 'created')).toEqual({ healthy: true })
  expect(deriveAgentHealth('timeout', 'created').healthy).toBe(false)
  expect(deriveAgentHealth('disconnected', 'ready').reason).toContain('lost')
  expect(deriveAgentHealth('connected', 'start_error').healthy).toBe(false)
  expect(deriveAgentHealth('disconnected', 'off').reason).toContain('not running')
})
