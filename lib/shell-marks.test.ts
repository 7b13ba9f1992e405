import { expect, test } from 'vitest'
import { hasNonce, parseCommandLine, parseFolder, parseMark, timeOf } from './shell-marks.ts'

test('the letters of OSC 133 are prompt, input, start and end', () => {
  expect(['A', 'B', 'C;start_ms=5', 'D;1'].map((payload) => parseMark(payload)?.type)).toEqual([
    'prompt',
    'input',
    'start',
    'end',
  ])
})

test.each(['', 'X', 'AB', 'P;k=i', 'toString', 'a'])('OSC 133 "%s" is not a mark', (payload) => {
  expect(parseMark(payload)).toBeUndefined()
})

test.each([
  ['D;0', 0],
  ['D;130;end_ms=7', 130],
  ['D;-1', -1],
  ['D', undefined],
  ['D;', undefined],
  ['D;;nonce=x', undefined],
  ['D;12abc', undefined],
])('the exit status of "%s" is %s', (payload, exit) => {
  expect(parseMark(payload)).toMatchObject({ type: 'end', exit })
})

test('a command line is unescaped, and other OSC 633 payloads are not command lines', () => {
  expect(parseCommandLine('E;printf \\\\n\\x3b\\x0Aecho ü;nonce=a')).toEqual({
    command: 'printf \\n;\necho ü',
    isRepeat: false,
    fields: ['nonce=a'],
  })
  expect(parseCommandLine('E;make;r;nonce=a')).toMatchObject({ command: 'make', isRepeat: true })
  expect(parseCommandLine('E;\\q\\xzz')?.command).toBe('\\q\\xzz')
  expect(['', 'A', 'P;Cwd=/', 'EE;x'].map(parseCommandLine)).toEqual([undefined, undefined, undefined, undefined])
})

test('a folder is the decoded path of a file URL', () => {
  expect(parseFolder('file://host/home/my%20shop')).toBe('/home/my shop')
  expect(parseFolder('file:///tmp')).toBe('/tmp')
  expect(parseFolder('file://host/100%')).toBe('/100%')
  expect(['http://host/x', '/tmp', 'file://host', ''].map(parseFolder)).toEqual(Array(4).fill(undefined))
})

test('times are positive whole numbers of milliseconds', () => {
  expect(timeOf(['nonce=a', 'start_ms=1000'], 'start_ms')).toBe(1000)
  for (const value of ['', '0', '-5', '1e3', 'NaN', '99999999999999999'])
    expect(timeOf([`end_ms=${value}`], 'end_ms')).toBeUndefined()
  expect(timeOf(['start_ms=1'], 'end_ms')).toBeUndefined()
})

test('only a mark with the nonce of the session is its own', () => {
  expect(hasNonce(['0', 'nonce=a'], 'a')).toBe(true)
  expect(hasNonce(['0', 'nonce=b'], 'a')).toBe(false)
  expect(hasNonce(['nonce='], '')).toBe(false)
})
