import { expect, test } from 'vitest'
import { formatAppHost, formatAppLabel, parseAppHost, parseAppLabel } from './app-host-names.ts'

const port8080 = { kind: 'port', port: 8080, protocol: 'http' } as const

test('the label of a port or an app names it, the agent, the workspace and the user', () => {
  const rest = { workspace: 'dev', user: 'ann' }
  expect(parseAppLabel('8080--main--dev--ann')).toEqual({ target: port8080, agent: 'main', ...rest })
  expect(parseAppLabel('8080--dev--ann')).toEqual({ target: port8080, agent: undefined, ...rest })
  expect(parseAppLabel('443s--dev--ann')?.target).toEqual({ kind: 'port', port: 443, protocol: 'https' })
  expect(parseAppLabel('65535--main--dev--ann')?.agent).toBe('main')
  expect(parseAppLabel('Code-Server--Main--Dev--Ann')).toEqual({
    target: { kind: 'app', slug: 'code-server' },
    agent: 'main',
    ...rest,
  })
  expect(parseAppLabel('any--prefix---8080--dev--ann')).toEqual({ target: port8080, agent: undefined, ...rest })
})

test.each([
  '',
  '8080',
  '8080--dev',
  '8--dev--ann',
  '65536--dev--ann',
  '99999s--dev--ann',
  '8080--dev--me',
  '8080--a--b--c--d',
  '8080----dev--ann',
  '8080--dev--an_n',
  '8080--dev--ann-',
  '-8080--dev--ann',
  '8080--dev--änn',
  'xn--8080--dev--ann--x',
])('%j is not the label of an app', (label) => expect(parseAppLabel(label)).toBeNull())

test('a formatted label is parsed to the same name', () => {
  for (const label of ['8080--main--dev--ann', '443s--dev--ann', 'code--dev--ann']) {
    const name = parseAppLabel(label)
    expect(name && formatAppLabel(name)).toBe(label)
  }
})

test('labels that are too long for DNS are not formatted', () => {
  const name = { target: port8080, agent: 'a'.repeat(20), workspace: 'w'.repeat(20), user: 'u'.repeat(20) }
  expect(formatAppLabel(name)).toBeNull()
})

test('hosts must be one label below the wildcard', () => {
  const name = parseAppLabel('8080--dev--ann')
  expect(parseAppHost('8080--dev--ann.localhost:3000', '*.localhost:3000')).toEqual(name)
  expect(parseAppHost('8080--DEV--ann.LOCALHOST', '*.localhost:3000')).toEqual(name)
  expect(parseAppHost('8080--dev--ann--apps.example.com', '*--apps.example.com')).toEqual(name)
  for (const host of [
    'localhost:3000',
    '.localhost',
    '8080--dev--ann.localhost.example.com',
    'x.8080--dev--ann.localhost',
    '8080--dev--annlocalhost',
    '8080--dev--ann.localhost.',
    '8080--dev--ann.localhost:3000:3000',
    '8080--dev--ann.localhost/..',
  ])
    expect(parseAppHost(host, '*.localhost:3000'), host).toBeNull()
  expect(name && formatAppHost(name, '*.localhost:3000')).toBe('8080--dev--ann.localhost:3000')
})
