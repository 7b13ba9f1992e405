// Malicious templates that would exhaust time or memory are rejected quickly with a diagnostic.

import { expect, test } from 'vitest'
import { formatForLog } from '../diagnostics/log-format.ts'
import { planTemplate } from '../engine/plan/plan.ts'
import { parseTemplate } from '../engine/template/template.ts'
import { formatText } from '../fmt/format-text.ts'
import { parseFile, parseTemplateText } from '../hcl/parse-body.ts'
import { diagnosticToJson } from '../show/diagnostic-json.ts'

const depth = 10_000

const parse = (text: string) => parseFile({ file: 'main.tf', text }).diagnostics.map(({ summary }) => summary)

test.each([
  ['parentheses', `x = ${'('.repeat(depth)}1${')'.repeat(depth)}`],
  ['attributes', `x = a${'.b'.repeat(depth)}`],
  ['indexes', `x = a${'[0]'.repeat(depth)}`],
  ['splats', `x = a${'[*]'.repeat(depth)}`],
  ['operators', `x = ${'1 + '.repeat(depth)}1`],
  ['negations', `x = ${'!'.repeat(depth)}true`],
  ['blocks', 'a {\n'.repeat(depth)],
  ['interpolations', `x = ${'"${'.repeat(depth)}`],
  ['closed interpolations', `x = ${'"${'.repeat(depth)}1${'}"'.repeat(depth)}`],
  ['conditionals', `x = ${'a ? b : '.repeat(depth)}c`],
  ['lists', `x = ${'['.repeat(depth)}`],
  ['objects', `x = ${'{ a = '.repeat(depth)}1${' }'.repeat(depth)}`],
  ['calls', `x = ${'f('.repeat(depth)}1${')'.repeat(depth)}`],
  ['loops', `x = ${'[for a in '.repeat(depth)}b${': a]'.repeat(depth)}`],
  ['heredocs', `x = ${'<<A\n${'.repeat(depth)}1${'}\nA\n'.repeat(depth)}`],
])('ten thousand nested %s are rejected', (_, text) => {
  expect(parse(text)).toContain('Nested too deeply')
})

test('ten thousand nested directives are rejected', () => {
  const text = '%{ if true }'.repeat(depth) + '%{ endif }'.repeat(depth)
  const { diagnostics } = parseTemplateText({ file: 'x.tftpl', text })
  expect(diagnostics.map(({ summary }) => summary)).toContain('Nested too deeply')
})

test('a file of ten megabytes with a million errors is parsed and reports the first thousand', () => {
  const line = 'a = "${b.c[0]}" # d\n'
  const { diagnostics } = parseFile({ file: 'main.tf', text: line.repeat(Math.ceil((10 * 1024 * 1024) / line.length)) })
  expect(diagnostics).toHaveLength(1_001)
  expect(diagnostics.at(-1)).toMatchObject({ summary: 'Too many errors' })
})

test('a template with hundreds of thousands of errors reports the first thousand', async () => {
  const wrong = 'locals {\n  a = 1\n}\n'
  const { diagnostics } = await plan({ 'main.tf': wrong.repeat(200_000) })
  expect(diagnostics).toHaveLength(1_001)
  expect(diagnostics.at(-1)).toMatchObject({ summary: 'Too many errors', severity: 'error' })
})

test('an error inside nested loops is reported at most a thousand times', async () => {
  const body = '[for a in range(1000) : [for b in range(800) : upper([a, b])]]'
  const { diagnostics } = await plan({ 'main.tf': `output "a" {\n  value = ${body}\n}\n` })
  expect(diagnostics.length).toBeGreaterThan(0)
  expect(diagnostics.length).toBeLessThanOrEqual(1_002)
})

test('a thousand errors in a line of a megabyte are shown with short excerpts', () => {
  const source = { file: 'main.tf', text: `a = "é${'${'.repeat(500_000)}` }
  const { diagnostics } = parseFile(source)
  expect(diagnostics).toHaveLength(1_001)
  for (const found of diagnostics) {
    expect(formatForLog(found, [source]).length).toBeLessThan(50_000)
    const { snippet } = diagnosticToJson(found, [source])
    expect(snippet?.code.length).toBeLessThan(50_000)
    expect(snippet?.highlight_end_offset).toBeLessThanOrEqual(Buffer.byteLength(snippet?.code ?? ''))
  }
})

test('a file of two megabytes is formatted', () => {
  const block = 'locals {\n  a=[1,2]\n}\n'
  const { text } = formatText({ file: 'main.tf', text: block.repeat(Math.ceil((2 * 1024 * 1024) / block.length)) })
  expect(text.startsWith('locals {\n  a = [1, 2]\n}\nlocals {\n')).toBe(true)
})

test.each([
  [
    'nested JSON',
    { 'main.tf.json': `{"locals":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}` },
    'Nested too deeply',
  ],
  ['nested JSON without closing brackets', { 'main.tf.json': '{"a":'.repeat(100_000) }, 'Nested too deeply'],
  ['an enormous range', { 'main.tf': 'output "a" {\n  value = range(1, 1e9)\n}\n' }, /./],
  [
    'a pattern with catastrophic backtracking',
    { 'main.tf': `output "a" {\n  value = regex("^(a+)+$", "${'a'.repeat(50_000)}!")\n}\n` },
    /./,
  ],
  [
    'triple nested loops',
    {
      'main.tf':
        'locals {\n  r = range(1000)\n}\noutput "a" {\n  value = [for a in local.r: [for b in local.r: [for c in local.r: a]]]\n}\n',
    },
    /./,
  ],
  [
    'a value that doubles repeatedly',
    {
      'main.tf': `locals {\n  a0 = "x"\n${Array.from({ length: 60 }, (_, index) => `  a${index + 1} = "\${local.a${index}}\${local.a${index}}"\n`).join('')}}\noutput "a" {\n  value = local.a60\n}\n`,
    },
    /./,
  ],
  [
    'a local that depends on itself',
    { 'main.tf': 'locals {\n  a = local.b\n  b = local.a\n}\noutput "a" {\n  value = local.a\n}\n' },
    /./,
  ],
  ['a module that calls itself', { 'main.tf': 'module "a" {\n  source = "./"\n}\n' }, /./],
  [
    'modules that depend on each other',
    {
      'main.tf':
        'module "a" {\n  source = "./a"\n  i = module.b.o\n}\nmodule "b" {\n  source = "./a"\n  i = module.a.o\n}\n',
      'a/main.tf': 'variable "i" {}\noutput "o" {\n  value = var.i\n}\n',
    },
    /./,
  ],
])('%s is reported as an error', async (_, files, summary) => {
  const { diagnostics } = await plan(files)
  expect(diagnostics.map((diagnostic) => diagnostic.summary).join('\n')).toMatch(summary)
})

async function plan(files: Readonly<Record<string, string>>) {
  const sources = Object.entries(files).map(([file, text]) => ({ file, text }))
  return await planTemplate({
    template: parseTemplate('/nowhere', sources),
    variables: {},
    providers: [],
    state: null,
    mode: 'apply',
    signal: new AbortController().signal,
    onEvent: () => undefined,
  })
}
