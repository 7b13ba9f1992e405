// No test file makes the runner throw: it runs or reports diagnostics. The mutations are deterministic.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseTemplate } from '../engine/template/template.ts'
import { bundledProviders } from '../providers/bundled.ts'
import { defaultCoderContext } from '../providers/coder/default-context.ts'
import { diagnosticToText } from '../show/diagnostic-text.ts'
import { decodeTestFile } from './decode-test-file.ts'
import { runTestFile } from './run-test-file.ts'

const dir = join(import.meta.dirname, 'cases/coder')
const read = (name: string) => ({ file: name, text: readFileSync(join(dir, name), 'utf8') })
const sources = ['main.tf', 'inner/main.tf'].map(read)
const tests = readdirSync(dir)
  .filter((name) => name.endsWith('.tftest.hcl'))
  .map((name) => read(name).text)
const host = { dataDir: '/nowhere', workspaceId: 'none', agentBinDir: '', environment: {}, bootId: '' }
const providers = bundledProviders(defaultCoderContext(), host)

const insertions = [
  '"',
  '{',
  '}',
  '[',
  ')',
  '${',
  '%{',
  '\n',
  '=',
  '.',
  'null',
  'run',
  'each.value',
  '<<EOT\n',
  '[*]',
  '-1',
]

class Mutator {
  #seed = 20_261_124

  #below(limit: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0
    return this.#seed % limit
  }

  pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)] as T
  }

  mutate(text: string): string {
    const at = this.#below(text.length)
    const from = this.#below(text.length)
    switch (this.#below(3)) {
      case 0:
        return text.slice(0, at) + this.pick(insertions) + text.slice(at)
      case 1:
        return text.slice(0, at) + text.slice(at + this.#below(30))
      default:
        return text.slice(0, at) + text.slice(from, from + this.#below(60)) + text.slice(at)
    }
  }
}

test('every run of a mutated test file or module ends with a status', async () => {
  const mutator = new Mutator()
  for (let iteration = 0; iteration < 400; iteration++) {
    const [main, inner] = sources
    const text = iteration % 4 === 0 ? mutator.mutate(main?.text ?? '') : (main?.text ?? '')
    const template = parseTemplate('/nowhere', [{ file: 'main.tf', text }, ...(inner ? [inner] : [])])
    const outcome = await runTestFile(
      decodeTestFile({ file: 'a.tftest.hcl', text: mutator.mutate(mutator.pick(tests)) }, '/nowhere'),
      {
        template,
        providers,
        globals: new Map(),
        openModule: () => template,
        isStopped: () => false,
        signal: new AbortController().signal,
        onEvent: () => undefined,
      },
    )
    for (const { status, diagnostics, sources: texts } of outcome.runs) {
      expect(['pass', 'fail', 'error', 'skip']).toContain(status)
      for (const diagnostic of diagnostics) diagnosticToText(diagnostic, texts, { isColored: true, shownPath: String })
    }
  }
})
