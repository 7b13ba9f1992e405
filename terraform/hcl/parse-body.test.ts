import { expect, test } from 'vitest'
import { formatForLog } from '../diagnostics/log-format.ts'
import { parseFile, parseTemplateText } from './parse-body.ts'
import { startRange } from './start-range.ts'

const parse = (text: string) => parseFile({ file: 'main.tf', text })
const summaries = (text: string) => parse(text).diagnostics.map(({ summary }) => summary)

test('a byte order mark, carriage returns and comments have no effect', () => {
  const { value, diagnostics } = parse(
    '\ufeff# one\r\nblock "a" {\r\n  x = 1 // two\r\n  /* three\r\n */ y = "z"\r\n}\r\n',
  )
  expect(diagnostics).toEqual([])
  expect([...(value.blocks[0]?.body.attributes.keys() ?? [])]).toEqual(['x', 'y'])
})

test('a diagnostic shows file, line, column, the source line and a caret', () => {
  const text = 'locals {\n\ta = "é" + ]\n}\n'
  const { diagnostics } = parse(text)
  expect(diagnostics.map((diagnostic) => formatForLog(diagnostic, [{ file: 'main.tf', text }]))).toEqual([
    [
      'Error: Invalid expression',
      '',
      '  on main.tf:2:12',
      '  2: \ta = "é" + ]',
      '     \t          ^',
      '',
      'Expected an expression, found "]".',
    ].join('\n'),
  ])
})

test('parsing continues after an error', () => {
  const { value, diagnostics } = parse('a = =\nb {\n  c = [1 +]\n}\nd = 2\nb "x" {}\n')
  expect(diagnostics.length).toBeGreaterThan(0)
  expect(value.blocks.at(-1)?.labels[0]?.text).toBe('x')
})

test('an unclosed block is reported at its opening brace', () => {
  const { diagnostics } = parse('a {\n  b = 1\n')
  expect(diagnostics).toMatchObject([{ summary: 'Unclosed configuration block', range: { start: 2, end: 3 } }])
})

test('a heredoc without closing marker is reported', () => {
  expect(summaries('a = <<EOT\nx\n')).toContain('Unterminated template string')
})

test('template files contain quotes as text, and directives', () => {
  const { value, diagnostics } = parseTemplateText({
    file: 'x.tftpl',
    text: 'a "b" ${c}\n%{ if d ~}\ne\n%{ endif ~}\n',
  })
  expect(diagnostics).toEqual([])
  expect(value.parts.map(({ type }) => type)).toEqual(['text', 'interpolation', 'text', 'if'])
})

test.each([
  ['parentheses', `x = ${'('.repeat(10_000)}1${')'.repeat(10_000)}`],
  ['attributes', `x = a${'.b'.repeat(10_000)}`],
  ['operators', `x = ${'1 + '.repeat(10_000)}1`],
  ['negations', `x = ${'!'.repeat(10_000)}true`],
  ['blocks', 'a {\n'.repeat(10_000)],
  ['interpolations', `x = ${'"${'.repeat(10_000)}`],
  ['conditionals', `x = ${'a ? b : '.repeat(10_000)}c`],
  ['lists', `x = ${'['.repeat(10_000)}`],
])('ten thousand nested %s are rejected', (_, text) => {
  expect(summaries(text)).toContain('Nested too deeply')
})

test('the range of an unclosed string at the end of a file stays within the file', () => {
  const text = 'a = f("'
  const { value } = parse(text)
  const call = value.attributes.get('a')?.expression
  const [arg] = call?.type === 'call' ? call.args : []
  expect(arg && startRange(arg).end).toBeLessThanOrEqual(text.length)
})
