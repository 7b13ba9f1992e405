// Output of `coder templates test`, in the format of `tofu test`: files, runs, diagnostics, and a summary.

import { styleText } from 'node:util'
import { counted } from '../../lib/counted.ts'
import type { Diagnostic } from '../../terraform/diagnostics/diagnostic.ts'
import type { Source } from '../../terraform/diagnostics/source.ts'
import { diagnosticToJson } from '../../terraform/show/diagnostic-json.ts'
import { planToText, stateToText } from '../../terraform/show/objects-text.ts'
import type { FileOutcome, RunOutcome, TestStatus } from '../../terraform/test/run-test-file.ts'
import type { TestFile } from '../../terraform/test/test-file.ts'
import { note, print } from '../output/print.ts'
import { printDiagnostics } from './local-template.ts'

export interface TestReport {
  /** Called before the first run. */
  begin(files: readonly TestFile[]): void
  file(outcome: FileOutcome): void
  /** Diagnostics outside of runs. */
  diagnostics(diagnostics: readonly Diagnostic[], sources: readonly Source[]): void
  end(counts: Counts): void
}

export interface Counts {
  readonly status: TestStatus
  readonly passed: number
  readonly failed: number
  readonly errored: number
  readonly skipped: number
}

export function countRuns(outcomes: readonly FileOutcome[], status: TestStatus): Counts {
  const runs = outcomes.flatMap((outcome) => outcome.runs)
  const count = (wanted: TestStatus) => runs.filter((run) => run.status === wanted).length
  return { status, passed: count('pass'), failed: count('fail'), errored: count('error'), skipped: count('skip') }
}

const colors = { pass: 'green', fail: 'red', error: 'red', skip: 'gray' } as const

const shown = (status: TestStatus) =>
  styleText(colors[status], status === 'error' ? 'fail' : status, { stream: process.stdout })

export function textReport(dir: string, isVerbose: boolean): TestReport {
  const report = (diagnostics: readonly Diagnostic[], sources: readonly Source[]) =>
    printDiagnostics(diagnostics, { dir, sources })
  return {
    begin: () => undefined,
    diagnostics: report,
    file({ file, status, runs, cleanup, notes }) {
      print(`${file.file}... ${shown(status)}`)
      report(file.diagnostics, [file])
      for (const outcome of runs) {
        print(`  run ${JSON.stringify(outcome.run.name)}... ${shown(outcome.status)}`)
        if (isVerbose && outcome.result) print(resultToText(outcome))
        report(outcome.diagnostics, outcome.sources)
      }
      for (const text of notes) print(`  note: ${text}`)
      for (const { run, diagnostics, left } of cleanup) {
        note(`Could not destroy the resources of run "${run.name}" of ${file.file}:`)
        report(diagnostics, [file])
        for (const address of left) note(`  - ${address}`)
      }
    },
    end({ status, passed, failed, errored, skipped }) {
      const hasPassed = status === 'pass' || status === 'skip'
      const word = styleText(hasPassed ? 'green' : 'red', hasPassed ? 'Success!' : 'Failure!', {
        stream: process.stdout,
      })
      const more = skipped > 0 ? `, ${skipped} skipped` : ''
      print(`\n${word} ${passed} passed, ${failed + errored} failed${more}.`)
    },
  }
}

function resultToText({ run, result }: RunOutcome): string {
  if (!result) return ''
  return run.command === 'plan' ? planToText(result.plan) : stateToText(result.plan, result.evaluation)
}

/** One JSON object per line and event, for CI pipelines. */
export function jsonReport(write: (line: string) => void): TestReport {
  const event = (level: string, type: string, message: string, more: Readonly<Record<string, unknown>>) =>
    write(
      JSON.stringify({
        '@level': level,
        '@message': message,
        '@module': 'tofu.ui',
        '@timestamp': new Date().toISOString(),
        ...more,
        type,
      }),
    )
  const report = (
    diagnostics: readonly Diagnostic[],
    sources: readonly Source[],
    labels: Readonly<Record<string, string>> = {},
  ) => {
    for (const diagnostic of diagnostics) {
      const { severity, summary } = diagnostic
      const level = severity === 'error' ? 'error' : 'warn'
      const message = `${severity === 'error' ? 'Error' : 'Warning'}: ${summary}`
      event(level, 'diagnostic', message, { ...labels, diagnostic: diagnosticToJson(diagnostic, sources) })
    }
  }
  return {
    begin(files) {
      const abstract = Object.fromEntries(files.map(({ file, runs }) => [file, runs.map(({ name }) => name)]))
      const runs = files.reduce((sum, file) => sum + file.runs.length, 0)
      const message = `Found ${counted(files.length, 'file')} and ${counted(runs, 'run block')}`
      event('info', 'test_abstract', message, { test_abstract: abstract })
    },
    diagnostics: report,
    file({ file, status, runs, cleanup }) {
      const labels = { '@testfile': file.file }
      const fileMessage = `${file.file}... ${status === 'error' ? 'fail' : status}`
      event('info', 'test_file', fileMessage, { ...labels, test_file: { path: file.file, status } })
      report(file.diagnostics, [file], labels)
      for (const { run, status: of, diagnostics, sources } of runs) {
        const runLabels = { ...labels, '@testrun': run.name }
        const message = `  ${JSON.stringify(run.name)}... ${of === 'error' ? 'fail' : of}`
        event('info', 'test_run', message, { ...runLabels, test_run: { path: file.file, run: run.name, status: of } })
        report(diagnostics, sources, runLabels)
      }
      for (const { run, diagnostics, left } of cleanup) {
        const runLabels = { ...labels, '@testrun': run.name }
        report(diagnostics, [file], runLabels)
        const failed = left.map((instance) => ({ instance }))
        const message = `Could not destroy ${left.length} resources of ${run.name}`
        event('error', 'test_cleanup', message, { ...runLabels, test_cleanup: { failed_resources: failed } })
      }
    },
    end({ status, passed, failed, errored, skipped }) {
      const hasPassed = status === 'pass' || status === 'skip'
      const more = skipped > 0 ? `, ${skipped} skipped` : ''
      const message = `${hasPassed ? 'Success!' : 'Failure!'} ${passed} passed, ${failed + errored} failed${more}.`
      const summary = { status: status === 'skip' ? 'pass' : status, passed, failed, errored, skipped }
      event('info', 'test_summary', message, { test_summary: summary })
    },
  }
}
