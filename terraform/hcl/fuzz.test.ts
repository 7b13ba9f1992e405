// Changes valid templates at random and looks that parsing, decoding, checking and planning never throw and always say
// where. The seed is fixed, so that a failure can be repeated.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { formatDiagnostic } from '../diagnostics.ts'
import { planTemplate } from '../engine/plan.ts'
import { parseTemplate } from '../engine/template.ts'
import { coderProvider } from '../providers/coder/provider.ts'
import { coderContext } from '../testing/scene.ts'

const rounds = 3_000
// Pieces that mean much to the grammar, so that a change more often than not leads into a rare corner.
const pieces = [
  '"',
  '${',
  '%{',
  '}',
  '{',
  '(',
  ')',
  '[',
  ']',
  '<<-EOT\n',
  'EOT\n',
  '\\',
  '\n',
  '*',
  '...',
  '=',
  '?',
  ':',
  'for ',
  ' in ',
  'if ',
  '~}',
  '.',
  '0',
  'null',
  '!',
  '-',
  '\u0000',
  '\ud83d',
  'é',
  'local.a',
  'self',
  'each.value',
  'count = ',
  'dynamic "x" ',
]

function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutate(text: string, random: (below: number) => number): string {
  let result = text
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(result.length + 1)
    const length = random(12)
    const kinds = [
      () => result.slice(0, at) + result.slice(at + length),
      () => result.slice(0, at) + pieces[random(pieces.length)] + result.slice(at),
      () => result.slice(0, at) + result.slice(at, at + length) + result.slice(at),
      () => result.slice(0, at),
    ]
    result = (kinds[random(kinds.length)] as () => string)()
  }
  return result
}

test('no mutated template makes the language throw or lose its place', async () => {
  const dir = `${import.meta.dirname}/../testdata`
  const seeds = readdirSync(dir)
    .filter((name) => name.endsWith('.tf'))
    .map((name) => readFileSync(`${dir}/${name}`, 'utf8'))
  const random = randomFrom(1)
  const signal = new AbortController().signal
  for (let round = 0; round < rounds; round++) {
    const text = mutate(seeds[round % seeds.length] as string, random)
    const template = parseTemplate(dir, [{ file: 'fuzz.tf', text }])
    const request = {
      template,
      variables: {},
      providers: [coderProvider(coderContext())],
      state: null,
      mode: 'apply' as const,
    }
    const { diagnostics } = await planTemplate({ ...request, signal, onEvent: () => undefined })
    for (const diagnostic of diagnostics) {
      expect(formatDiagnostic(diagnostic, template.sources)).not.toBe('')
      expect(diagnostic.range?.end, diagnostic.summary).toBeGreaterThanOrEqual(diagnostic.range?.start ?? 0)
    }
  }
}, 60_000)
