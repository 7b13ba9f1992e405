// Every test file in the folders of cases/ has the same results as in OpenTofu. Each folder's expected.txt records them; if
// OpenTofu is installed, the recording is checked too.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { requires } from '../../lib/testing/requirements.ts'
import { openTemplate } from '../engine/template/template.ts'
import { bundledProviders } from '../providers/bundled.ts'
import { defaultCoderContext } from '../providers/coder/default-context.ts'
import { findTofu } from '../testing/tofu.ts'
import { decodeTestFile } from './decode-test-file.ts'
import { findTestFiles } from './find-test-files.ts'
import { runTestFile } from './run-test-file.ts'

const tofu = findTofu()
const casesDir = join(import.meta.dirname, 'cases')
const mirror = join(homedir(), '.cache/coder-local-ci/providers/tofu.rc')

for (const name of readdirSync(casesDir).sort()) {
  const dir = join(casesDir, name)
  const expected = readFileSync(join(dir, 'expected.txt'), 'utf8')
  describe(name, () => {
    test('has the recorded results', async () => {
      expect(await statusesInEngine(dir)).toBe(expected)
    })

    test('OpenTofu has the recorded results', { timeout: 120_000, ...requires('tofu', 'tofu providers') }, () => {
      expect(statusesOfTofu(tofu as string, dir)).toBe(expected)
    })
  })
}

async function statusesInEngine(dir: string): Promise<string> {
  const template = openTemplate(dir)
  const host = { dataDir: dir, workspaceId: 'none', agentBinDir: '', environment: process.env, bootId: '' }
  const lines: string[] = []
  for (const source of findTestFiles(dir, 'tests')) {
    const { file, status, runs } = await runTestFile(decodeTestFile(source, dir), {
      template,
      providers: bundledProviders(defaultCoderContext(), host),
      globals: new Map(),
      openModule: (folder) => openTemplate(folder),
      isStopped: () => false,
      signal: new AbortController().signal,
      onEvent: () => undefined,
    })
    lines.push(`${file.file}: ${status}`, ...runs.map(({ run, status: of }) => `  ${run.name}: ${of}`))
  }
  return `${lines.join('\n')}\n`
}

interface Event {
  readonly type: string
  readonly test_file?: { readonly path: string; readonly status: string }
  readonly test_run?: { readonly run: string; readonly status: string }
}

function statusesOfTofu(program: string, dir: string): string {
  const work = mkdtempSync(join(tmpdir(), 'tofu-test-'))
  try {
    cpSync(dir, work, { recursive: true })
    runTofu(program, work, ['init', '-input=false'])
    // One run per file: overrides of one file would stay in effect in the next.
    return findTestFiles(dir, 'tests')
      .map(({ file }) => runTofu(program, work, ['test', '-json', `-filter=${file}`]))
      .map(statusesOf)
      .join('')
  } finally {
    rmSync(work, { recursive: true })
  }
}

const statusesOf = (output: string) =>
  output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => lineOf(JSON.parse(line) as Event))
    .join('')

function lineOf({ test_file: file, test_run: run }: Event): string {
  if (file) return `${file.path}: ${file.status}\n`
  return run ? `  ${run.run}: ${run.status}\n` : ''
}

function runTofu(program: string, cwd: string, args: readonly string[]): string {
  const env = { ...process.env, TF_CLI_CONFIG_FILE: mirror, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' }
  const result = spawnSync(program, args, { cwd, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (result.error) throw result.error
  return result.stdout
}
