// `coder templates test`: runs the `*.tftest.hcl` files of a module or a template, like `tofu test`.

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
  const files = selectFiles(template, options)
  const globals = readGlobals(template, options)
  const found = [...template.diagnostics.filter(isReported), ...globals.diagnostics]
  report.diagnostics(found, [...template.sources, ...globals.sources])
  if (options.filter && files.length === 0) report.diagnostics([noFilesFound], [])
  report.begin(files)
  const outcomes = hasErrors(found) ? [] : await runAll(template, files, globals.values, report)
  const status = outcomes
    .map((outcome) => outcome.status)
    .reduce<TestStatus>(worse, hasErrors(found) ? 'error' : 'pass')
  report.end(countRuns(outcomes, status))
  if (status !== 'pass') setFailureExitCode()
}

/** A missing module is reported only by the runs that need it. */
const isReported = ({ severity, summary }: Diagnostic) => severity === 'error' || summary !== missingModuleSummary

const noFilesFound: Diagnostic = {
  severity: 'warning',
  summary: 'No tests were found',
  detail:
    'No test file matches --filter. Paths are relative to the working directory or to the folder of the template.',
}

function selectFiles({ dir }: Template, { testDirectory, filter = [] }: TestOptions): TestFile[] {
  const wanted = new Set(filter.flatMap((path) => [path, relative(dir, resolve(path))]))
  return findTestFiles(dir, testDirectory)
    .filter(({ file }) => filter.length === 0 || wanted.has(file))
    .map((source) => decodeTestFile(source, dir))
}

/** Value files beside the tests take precedence. */
function readGlobals(template: Template, options: TestOptions) {
  const inputs = readInputVariables(template, options)
  const besideTests = findTestValues(template.dir, options.testDirectory)
  const layers = besideTests.map(readValuesFile)
  return {
    values: new Map<string, InputValue>([...inputs.values, ...layers.flatMap(({ values }) => [...values])]),
    sources: [...inputs.sources, ...besideTests],
    diagnostics: [...inputs.diagnostics, ...layers.flatMap(({ diagnostics }) => diagnostics)],
  }
}

async function runAll(
  template: Template,
  files: readonly TestFile[],
  globals: ReadonlyMap<string, InputValue>,
  report: TestReport,
): Promise<FileOutcome[]> {
  const interruption = new InterruptHandler()
  const dataDir = mkdtempSync(join(tmpdir(), 'coder-test-'))
  const opened = new Map<string, Template>()
  const openModule = (dir: string) => {
    const module = opened.get(dir) ?? openTemplate(dir, { mayReadOutsideModule: true, allowsMissingModules: true })
    opened.set(dir, module)
    return module
  }
  const providers = bundledProviders(defaultCoderContext(), createDetachedHost(dataDir))
  const shared = { template, providers, globals, openModule, ...interruption.signals, onEvent: () => undefined }
  try {
    const outcomes: FileOutcome[] = []
    for (const file of files) {
      const outcome = await runTestFile(file, shared)
      report.file(outcome)
      outcomes.push(outcome)
    }
    return outcomes
  } finally {
    if (interruption.dispose()) setFailureExitCode()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** The first Ctrl-C stops after the current run and destroys the created resources; the second one aborts that as well. */
class InterruptHandler {
  readonly #hard = new AbortController()
  #isStopped = false

  constructor() {
    process.on('SIGINT', this.#interrupt)
  }

  readonly #interrupt = (): void => {
    if (this.#isStopped) this.#hard.abort()
    else note('Interrupted: destroying the resources of the tests. Press Ctrl-C again to keep them.')
    this.#isStopped = true
  }

  get signals() {
    return { isStopped: () => this.#isStopped, signal: this.#hard.signal }
  }

  /** Stops listening. @returns whether the tests were interrupted */
  dispose(): boolean {
    process.off('SIGINT', this.#interrupt)
    return this.#isStopped
  }
}
