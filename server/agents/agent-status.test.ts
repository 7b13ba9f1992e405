import { expect, test } from 'vitest'
import { deriveAgentHealth, deriveAgentStatus } from './agent-status.ts'

const now = new Date('2026-01-01T12:00:00Z')
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000)
const agent = {
  created_at: before(60),
  first_connected_at: null,
  last_connected_at: null,
  disconnected_at: null,
  connection_timeout_seconds: 120,
}

test('an agent that has not connected is connecting until its timeout', () => {
  expect(deriveAgentStatus(agent, false, now)).toBe('connecting')
  expect(deriveAgentStatus({ ...agent, created_at: before(121) }, false, now)).toBe('timeout')
  expect(deriveAgentStatus({ ...agent, created_at: before(9999), connection_timeout_seconds: 0 }, false, now)).toBe(
    'connecting',
  )
})

test('an agent is connected by a local connection or a recent time, and disconnected otherwise', () => {
  const recent = { ...agent, first_connected_at: before(50), last_connected_at: before(10) }
  expect(deriveAgentStatus(recent, false, now)).toBe('connected')
  expect(deriveAgentStatus({ ...recent, disconnected_at: before(5) }, false, now)).toBe('disconnected')
  expect(deriveAgentStatus({ ...recent, last_connected_at: before(31) }, false, now)).toBe('disconnected')
  expect(deriveAgentStatus({ ...recent, last_connected_at: before(31) }, true, now)).toBe('connected')
})

test('an unhealthy agent has a reason', () => {
  expect(deriveAgentHealth('connected', 'ready')).toEqual({ healthy: true })
  expect(deriveAgentHealth('connecting', 'created')).toEqual({ healthy: true })
  expect(deriveAgentHealth('timeout', 'created').healthy).toBe(false)
  expect(deriveAgentHealth('disconnected', 'ready').reason).toContain('lost')
  expect(deriveAgentHealth('connected', 'start_error').healthy).toBe(false)
  expect(deriveAgentHealth('disconnected', 'off').reason).toContain('not running')
})
