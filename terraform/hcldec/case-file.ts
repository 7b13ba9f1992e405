// The cases of ./cases: a specification, files, flags and the outcome of HCL's own program. Reads them, runs either
// program, and converts the output to a comparable form.

import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Position } from '../diagnostics/source.ts'
import { runHcldec } from './run.ts'

interface Invocation {
  /** A file in cases/specs. */
  readonly spec: string
  readonly files: Readonly<Record<string, string>>
  readonly args: readonly string[]
}

/** The diagnostics are sorted and have the form `error main.hcl 1:5(4)-1:6(5) Summary`, without the details, which differ. */
interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly diagnostics: readonly string[]
}

export interface HcldecCase extends Invocation {
  readonly outcome?: Outcome
}

const casesDir = join(import.meta.dirname, 'cases')
const casesFile = join(casesDir, 'cases.jsonl')

export const readCases = (): HcldecCase[] =>
  readFileSync(casesFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as HcldecCase)

export function writeCases(cases: readonly HcldecCase[]): void {
  writeFileSync(casesFile, cases.map((hcldecCase) => `${JSON.stringify(hcldecCase)}\n`).join(''))
}

/** The programs that .ci/hcl.sh builds. */
export function findHcl():
  | { readonly hcldec: string; readonly hclspecsuite: string; readonly suite: string }
  | undefined {
  const [folder] = globSync(join(homedir(), '.cache/coder-local-ci/hcl-*'))
  if (!folder) return undefined
  return {
    hcldec: join(folder, 'hcldec'),
    hclspecsuite: join(folder, 'hclspecsuite'),
    suite: join(folder, 'specsuite'),
  }
}

export function runOurs(cases: readonly Invocation[]): Outcome[] {
  return withFolder((dir) =>
    cases.map((invocation, index) => {
      const { spec, args, files } = writeCase(join(dir, String(index)), invocation)
      return toOutcome(runHcldec([`--spec=${spec}`, ...args, ...files], () => Buffer.of()))
    }),
  )
}

export function runReal(hcldec: string, cases: readonly Invocation[]): Outcome[] {
  return withFolder((dir) =>
    cases.map((invocation, index) => {
      const { spec, args, files } = writeCase(join(dir, String(index)), invocation)
      return toOutcome(spawnSync(hcldec, [`--spec=${spec}`, ...args, ...files], { encoding: 'utf8' }))
    }),
  )
}

function withFolder<T>(use: (dir: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'hcldec-'))
  try {
    return use(dir)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function writeCase(dir: string, { spec, files, args }: Invocation) {
  mkdirSync(dir)
  const paths = Object.entries(files).map(([name, text]) => {
    const path = join(dir, name)
    writeFileSync(path, text)
    return path
  })
  return { spec: join(casesDir, 'specs', spec), args, files: paths }
}

interface HcldecDiagnostic {
  readonly severity: string
  readonly summary: string
  readonly subject?: { readonly filename: string; readonly start: Position; readonly end: Position }
}

function toOutcome(result: {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}): Outcome {
  const { status, stdout, stderr } = result
  const reported = stderr.startsWith('{') ? (JSON.parse(stderr) as { diagnostics: HcldecDiagnostic[] }).diagnostics : []
  // References contain the path of their file.
  const shown = stdout.replace(/"filename": "[^"]*\//g, '"filename": "')
  return { status, stdout: shown, diagnostics: [...new Set(reported.map(toText))].sort() }
}

function toText({ severity, summary, subject }: HcldecDiagnostic): string {
  if (!subject) return `${severity} ${summary}`
  const formatPosition = ({ line, column, byte }: Position) => `${line}:${column}(${byte})`
  return `${severity} ${basename(subject.filename)} ${formatPosition(subject.start)}-${formatPosition(subject.end)} ${summary}`
}
