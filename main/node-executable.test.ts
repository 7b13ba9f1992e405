import { afterEach, expect, test, vi } from 'vitest'
import { findNode } from './node-executable.ts'

afterEach(() => void vi.unstubAllEnvs())

test('a checkout runs coderd on the Node.js that the environment names', () => {
  vi.stubEnv('CODER_LOCAL_NODE', process.execPath)
  expect(findNode('/missing', false)).toBe(process.execPath)
})

test('a package ignores the Node.js that the environment names', () => {
  vi.stubEnv('CODER_LOCAL_NODE', process.execPath)
  expect(() => findNode('/missing', true)).toThrow('is missing')
})
