import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { mutate } from '../fuzz/mutate.ts'
import { Random } from '../testing/random.ts'
import { randomFile } from '../testing/random-code.ts'
import { findTofu } from '../testing/tofu.ts'
import { formatText } from './format-text.ts'

const format = (text: string) => formatText({ file: 'main.tf', text })

test('arguments are indented, and their equals signs and comments are aligned', () => {
  const { text, diagnostics } = format('a "b" {\nx=1 # one\nlonger   = [1,2] # two\n\n y = 3\n}\n')
  expect(diagnostics).toEqual([])
  expect(text).toBe('a "b" {\n  x      = 1      # one\n  longer = [1, 2] # two\n\n  y = 3\n}\n')
})

test.each([
  ['an interpolation around a whole value', 'a = "${b.c}"\n', 'a = b.c\n'],
  ['a multi-line interpolation', 'a = "${\n  b ? c\n  : d}"\n', 'a = (b ? c\n: d)\n'],
  ['labels without quotes', 'resource a b {}\n', 'resource "a" "b" {}\n'],
  ['a type in quotes', 'variable "v" {\n  type = "list"\n}\n', 'variable "v" {\n  type = list(string)\n}\n'],
  [
    'a collection type without an element type',
    'variable "v" {\n  type = map\n}\n',
    'variable "v" {\n  type = map(any)\n}\n',
  ],
])('%s is rewritten', (_, before, after) => {
  expect(format(before)).toEqual({ text: after, diagnostics: [] })
})

test('the content of a heredoc is unchanged', () => {
  const text = 'a = <<-EOT\n    x  =1\n  EOT\n'
  expect(format(text).text).toBe(text)
})

test('a file with syntax errors is unchanged and its errors are reported', () => {
  const { text, diagnostics } = format('a=(\n')
  expect(text).toBe('a=(\n')
  expect(diagnostics).toMatchObject([{ summary: 'Missing expression' }])
})

const tofu = findTofu()

test('every file is formatted exactly as by OpenTofu', { timeout: 120_000, ...requires('tofu') }, () => {
  const random = new Random(1)
  const fixtures = globSync(join(import.meta.dirname, '../../{templates,terraform}/**/*.tf'))
    .sort()
    .map((file) => readFileSync(file, 'utf8'))
  const texts = [
    ...fixtures,
    ...Array.from({ length: 1_500 }, () => randomFile(random)),
    ...Array.from({ length: 500 }, () => mutateBlanks(random.oneOf(fixtures), random)),
    ...Array.from({ length: 500 }, () => mutate(randomFile(random), random)),
  ].filter((text) => text.isWellFormed())
  const differing = formatByTofu(texts).flatMap((theirs, index) => {
    const ours = format(texts[index] as string).text
    return ours === theirs ? [] : [{ text: texts[index], ours, theirs }]
  })
  expect(differing.slice(0, 3)).toEqual([])
})

const mutateBlanks = (text: string, random: Random): string =>
  text.replace(/[ \t]+/g, (blanks) => random.oneOf(['', ' ', '  ', '\t', blanks, blanks]))

/** Formats all texts in one run of OpenTofu. */
function formatByTofu(texts: readonly string[]): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'format-'))
  try {
    const files = texts.map((_, index) => join(dir, `f${index}.tf`))
    for (const [index, file] of files.entries()) writeFileSync(file, texts[index] as string)
    const env = { ...process.env, TF_CLI_CONFIG_FILE: '/dev/null', CHECKPOINT_DISABLE: '1' }
    const { error } = spawnSync(tofu as string, ['fmt', '-list=false', dir], { env, maxBuffer: 256 * 1024 * 1024 })
    if (error) throw error
    return files.map((file) => readFileSync(file, 'utf8'))
  } finally {
    rmSync(dir, { recursive: true })
  }
}
