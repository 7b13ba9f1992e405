// Runs test files from memory.

import type { Source } from '../../diagnostics/source.ts'
import { parseTemplate } from '../../engine/template/template.ts'
import { bundledProviders } from '../../providers/bundled.ts'
import { defaultCoderContext } from '../../providers/coder/default-context.ts'
import { decodeTestFile } from '../decode-test-file.ts'
import { type FileOutcome, runTestFile } from '../run-test-file.ts'

const host = { dataDir: '/nowhere', workspaceId: 'none', agentBinDir: '', environment: {}, bootId: '' }

/** Runs a test file against a template's files. Missing modules are allowed, and only bundled providers exist. */
export async function runTests(sources: Readonly<Record<string, string>>, tests: string): Promise<FileOutcome> {
  const files = Object.entries(sources).map(([file, text]): Source => ({ file, text }))
  return await runTestFile(decodeTestFile({ file: 'main.tftest.hcl', text: tests }, '/'), {
    template: parseTemplate('/', files, { allowsMissingModules: true }),
    providers: bundledProviders(defaultCoderContext(), host),
    globals: new Map(),
    openModule: () => {
      throw new Error('no other module')
    },
    isStopped: () => false,
    signal: new AbortController().signal,
    onEvent: () => undefined,
  })
}

/** Each run's name, status and diagnostic summaries. */
export const summarizeRuns = ({ runs }: FileOutcome) =>
  runs.map(({ run: { name }, status, diagnostics }) => [name, status, ...diagnostics.map(({ summary }) => summary)])
