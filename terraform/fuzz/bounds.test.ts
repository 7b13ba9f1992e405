// Templates that are made to take for ever or to fill the memory: each is refused in time, with words.

import { expect, test } from 'vitest'
import { formatDiagnostic } from '../diagnostics/format-diagnostic.ts'
import { planTemplate } from '../engine/plan/plan.ts'
import { parseTemplate } from '../engine/template/template.ts'
import { formatText } from '../fmt/format-text.ts'
import { parseFile, parseTemplateText } from '../hcl/parse-body.ts'
import { diagnosticToJson } from '../show/diagnostic-json.ts'

const deep = 10_000

const parse = (text: string) => parseFile({ file: 'main.tf', text }).diagnostics.map(({ summary }) => summary)

test.each([
  ['parentheses', `x = ${'('.repeat(deep)}1${')'.repeat(deep)}`],
  ['attributes', `x = a${'.b'.repeat(deep)}`],
  ['indexes', `x = a${'[0]'.repeat(deep)}`],
  ['splats', `x = a${'[*]'.repeat(deep)}`],
  ['operators', `x = ${'1 + '.repeat(deep)}1`],
  ['negations', `x = ${'!'.repeat(deep)}true`],
  ['blocks', 'a {\n'.repeat(deep)],
  ['interpolations', `x = ${'"${'.repeat(deep)}`],
  ['closed interpolations', `x = ${'"${'.repeat(deep)}1${'}"'.repeat(deep)}`],
  ['conditionals', `x = ${'a ? b : '.repeat(deep)}c`],
  ['lists', `x = ${'['.repeat(deep)}`],
  ['objects', `x = ${'{ a = '.repeat(deep)}1${' }'.repeat(deep)}`],
  ['calls', `x = ${'f('.repeat(deep)}1${')'.repeat(deep)}`],
  ['loops', `x = ${'[for a in '.repeat(deep)}b${': a]'.repeat(deep)}`],
  ['heredocs', `x = ${'<<A\n${'.repeat(deep)}1${'}\nA\n'.repeat(deep)}`],
])('ten thousand nested %s are refused, not followed', (_, text) => {
  expect(parse(text)).toContain('Nested too deeply')
})

test('ten thousand nested directives are refused', () => {
  const text = '%{ if true }'.repeat(deep) + '%{ endif }'.repeat(deep)
  const { diagnostics } = parseTemplateText({ file: 'x.tftpl', text })
  expect(diagnostics.map(({ summary }) => summary)).toContain('Nested too deeply')
})

test('a file of ten megabytes is parsed, and of a million errors the first thousand are told', () => {
  const line = 'a = "${b.c[0]}" # d\n'
  const { diagnostics } = parseFile({ file: 'main.tf', text: line.repeat(Math.ceil((10 * 1024 * 1024) / line.length)) })
  expect(diagnostics).toHaveLength(1_001)
  expect(diagnostics.at(-1)).toMatchObject({ summary: 'Too many errors' })
})

test('of mistakes by the hundred thousand the first thousand are told, in text that can be read', async () => {
  const wrong = 'locals {\n  a = 1\n}\n'
  const { diagnostics } = await plan({ 'main.tf': wrong.repeat(200_000) })
  expect(diagnostics).toHaveLength(1_001)
  expect(diagnostics.at(-1)).toMatchObject({ summary: 'Too many errors', severity: 'error' })
})

test('a mistake within loops in loops is told at most a thousand times', async () => {
  const body = '[for a in range(1000) : [for b in range(800) : upper([a, b])]]'
  const { diagnostics } = await plan({ 'main.tf': `output "a" {\n  value = ${body}\n}\n` })
  expect(diagnostics.length).toBeGreaterThan(0)
  expect(diagnostics.length).toBeLessThanOrEqual(1_002)
})

test('a thousand mistakes in a line of a megabyte are shown with what is near', () => {
  const source = { file: 'main.tf', text: `a = "é${'${'.repeat(500_000)}` }
  const { diagnostics } = parseFile(source)
  expect(diagnostics).toHaveLength(1_001)
  for (const found of diagnostics) {
    expect(formatDiagnostic(found, [source]).length).toBeLessThan(50_000)
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
  ['nested JSON that is never closed', { 'main.tf.json': '{"a":'.repeat(100_000) }, 'Nested too deeply'],
  ['a range without end', { 'main.tf': 'output "a" {\n  value = range(1, 1e9)\n}\n' }, /./],
  [
    'a pattern that explodes',
    { 'main.tf': `output "a" {\n  value = regex("^(a+)+$", "${'a'.repeat(50_000)}!")\n}\n` },
    /./,
  ],
  [
    'loops in loops in loops',
    {
      'main.tf':
        'locals {\n  r = range(1000)\n}\noutput "a" {\n  value = [for a in local.r: [for b in local.r: [for c in local.r: a]]]\n}\n',
    },
    /./,
  ],
  [
    'a value that doubles and doubles',
    {
      'main.tf': `locals {\n  a0 = "x"\n${Array.from({ length: 60 }, (_, index) => `  a${index + 1} = "\${local.a${index}}\${local.a${index}}"\n`).join('')}}\noutput "a" {\n  value = local.a60\n}\n`,
    },
    /./,
  ],
  [
    'a local that is itself',
    { 'main.tf': 'locals {\n  a = local.b\n  b = local.a\n}\noutput "a" {\n  value = local.a\n}\n' },
    /./,
  ],
  ['a module that calls itself', { 'main.tf': 'module "a" {\n  source = "./"\n}\n' }, /./],
  [
    'modules that need each other',
    {
      'main.tf':
        'module "a" {\n  source = "./a"\n  i = module.b.o\n}\nmodule "b" {\n  source = "./a"\n  i = module.a.o\n}\n',
      'a/main.tf': 'variable "i" {}\noutput "o" {\n  value = var.i\n}\n',
    },
    /./,
  ],
])('%s is told', async (_, files, summary) => {
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
