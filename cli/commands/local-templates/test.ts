// `coder templates test`: runs the `*.tftest.hcl` files of a module or a template, as `tofu test` does.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { type Diagnostic, hasErrors } from '../../../terraform/diagnostics/diagnostic.ts'
import { readValuesFile } from '../../../terraform/engine/evaluation/variable-values-file.ts'
import type { InputValue } from '../../../terraform/engine/evaluation/variables.ts'
import { missingModuleSummary } from '../../../terraform/engine/template/module-loader.ts'
import { openTemplate, type Template } from '../../../terraform/engine/template/template.ts'
import { bundledProviders } from '../../../terraform/providers/bundled.ts'
import { defaultCoderContext } from '../../../terraform/providers/coder/default-context.ts'
import { decodeTestFile } from '../../../terraform/test/decode-test-file.ts'
import { findTestFiles, findTestValues } from '../../../terraform/test/find-test-files.ts'
import { type FileOutcome, runTestFile, type TestStatus, worse } from '../../../terraform/test/run-test-file.ts'
import type { TestFile } from '../../../terraform/test/test-file.ts'
import { readInputVariables, type VariableFlags } from '../../local-templates/input-variables.ts'
import { createDetachedHost, openLocalTemplate, setFailureExitCode } from '../../local-templates/local-template.ts'
import { countRuns, jsonReport, type TestReport, textReport } from '../../local-templates/test-report.ts'
import { note, print } from '../../output/print.ts'

interface TestOptions extends VariableFlags {
  readonly filter?: readonly string[]
  readonly testDirectory: string
  readonly verbose?: boolean
  readonly json?: boolean
}

export async function test([folder = '.']: readonly string[], options: TestOptions): Promise<void> {
  const template = openLocalTemplate(folder)
  const report = options.json ? jsonReport(print) : textReport(template.dir, options.verbose ?? false)
  const files = chosenFiles(template, options)
  const globals = readGlobals(template, options)
  const found = [...template.diagnostics.filter(isTold), ...globals.diagnostics]
  report.diagnostics(found, [...template.sources, ...globals.sources])
  if (options.filter && files.length === 0) report.diagnostics([nothingFound], [])
  report.begin(files)
  const outcomes = hasErrors(found) ? [] : await runAll(template, files, globals.values, report)
  const status = outcomes
    .map((outcome) => outcome.status)
    .reduce<TestStatus>(worse, hasErrors(found) ? 'error' : 'pass')
  report.end(countRuns(outcomes, status))
  if (status !== 'pass') setFailureExitCode()
}

/** A module that is not here is told where a run needs it. */
const isTold = ({ severity, summary }: Diagnostic) => severity === 'error' || summary !== missingModuleSummary

const nothingFound: Diagnostic = {
  severity: 'warning',
  summary: 'No tests were found',
  detail: 'None of the test files has a path that --filter names. It is written as from here or as from the folder.',
}

function chosenFiles({ dir }: Template, { testDirectory, filter = [] }: TestOptions): TestFile[] {
  const wanted = new Set(filter.flatMap((path) => [path, relative(dir, resolve(path))]))
  return findTestFiles(dir, testDirectory)
    .filter(({ file }) => filter.length === 0 || wanted.has(file))
    .map((source) => decodeTestFile(source, dir))
}

/** The files beside the tests win. */
function readGlobals(template: Template, options: TestOptions) {
  const given = readInputVariables(template, options)
  const besideTests = findTestValues(template.dir, options.testDirectory)
  const layers = besideTests.map(readValuesFile)
  return {
    values: new Map<string, InputValue>([...given.values, ...layers.flatMap(({ values }) => [...values])]),
    sources: [...given.sources, ...besideTests],
    diagnostics: [...given.diagnostics, ...layers.flatMap(({ diagnostics }) => diagnostics)],
  }
}

async function runAll(
  template: Template,
  files: readonly TestFile[],
  globals: ReadonlyMap<string, InputValue>,
  report: TestReport,
): Promise<FileOutcome[]> {
  const interruption = new Interruption()
  const dataDir = mkdtempSync(join(tmpdir(), 'coder-test-'))
  const opened = new Map<string, Template>()
  const openModule = (dir: string) => {
    const known = opened.get(dir) ?? openTemplate(dir, { mayReadOutsideModule: true, allowsMissingModules: true })
    opened.set(dir, known)
    return known
  }
  const providers = bundledProviders(defaultCoderContext(), createDetachedHost(dataDir))
  const shared = { template, providers, globals, openModule, ...interruption.asked, onEvent: () => undefined }
  try {
    const outcomes: FileOutcome[] = []
    for (const file of files) {
      const outcome = await runTestFile(file, shared)
      report.file(outcome)
      outcomes.push(outcome)
    }
    return outcomes
  } finally {
    if (interruption.end()) setFailureExitCode()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** The first Ctrl-C lets what is under way end and takes away what was made; the second one ends that too. */
class Interruption {
  readonly #hard = new AbortController()
  #isStopped = false

  constructor() {
    process.on('SIGINT', this.#interrupt)
  }

  readonly #interrupt = (): void => {
    if (this.#isStopped) this.#hard.abort()
    else note('Interrupted: what the tests have made is taken away. Press Ctrl-C again to leave it.')
    this.#isStopped = true
  }

  get asked() {
    return { isStopped: () => this.#isStopped, signal: this.#hard.signal }
  }

  /** Whether there was one. */
  end(): boolean {
    process.off('SIGINT', this.#interrupt)
    return this.#isStopped
  }
}
