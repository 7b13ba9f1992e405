// `coder templates fmt`: formats Terraform files canonically, with the flags and exit statuses of `tofu fmt`. Files with
// syntax errors are reported and not modified.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { type Diagnostic, errorAt } from '../../../terraform/diagnostics/diagnostic.ts'
import { decodeText, encodeText } from '../../../terraform/diagnostics/source-bytes.ts'
import { formatText } from '../../../terraform/fmt/format-text.ts'
import { unifiedDiff } from '../../../terraform/fmt/unified-diff.ts'
import { printDiagnostics } from '../../local-templates/local-template.ts'

/** The word after `--list` or `--write` may be a target instead of the flag's value. */
interface Flags {
  readonly list: string | boolean
  readonly write: string | boolean
  readonly diff?: boolean
  readonly check?: boolean
  readonly recursive?: boolean
}

interface Settings {
  /** Prints the names of files that need formatting. */
  readonly lists: boolean
  readonly writes: boolean
  readonly showsDiff: boolean
  readonly isRecursive: boolean
}

const formattable = ['.tf', '.tofu', '.tfvars', '.tftest.hcl', '.tofutest.hcl']

const failedStatus = 2
const needsChangeStatus = 3

export async function format(args: readonly string[], flags: Flags): Promise<void> {
  const list = readFlag(flags.list)
  const write = readFlag(flags.write)
  const targets = [list.target, write.target, ...args].filter((target) => target !== undefined)
  const isStdin = targets[0] === '-'
  const settings = {
    lists: flags.check || (list.value && !isStdin),
    writes: write.value && !isStdin && !flags.check,
    showsDiff: flags.diff ?? false,
    isRecursive: flags.recursive ?? false,
  }
  const run = new FormatRun(settings)
  if (isStdin) run.formatBytes('<stdin>', await buffer(process.stdin))
  else for (const target of targets.length > 0 ? targets : ['.']) run.formatTarget(target)
  // With --check, output is printed only if the check ran without errors.
  const printsOutput = !flags.check || (list.value && !isStdin && !run.hasErrors)
  if (printsOutput) process.stdout.write(Buffer.concat(run.output))
  if (run.hasErrors) process.exitCode = failedStatus
  else if (flags.check && run.output.length > 0) process.exitCode = needsChangeStatus
}

function readFlag(text: string | boolean): { readonly value: boolean; readonly target?: string } {
  if (typeof text === 'boolean') return { value: text }
  if (text === 'true' || text === '1') return { value: true }
  if (text === 'false' || text === '0') return { value: false }
  return { value: true, target: text }
}

class FormatRun {
  readonly output: Buffer[] = []
  hasErrors = false
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  formatTarget(target: string): void {
    const path = relative('', target) || '.'
    const found = statSync(path, { throwIfNoEntry: false })
    if (!found) this.#fail(`File or folder ${target} not found.`)
    else if (found.isDirectory()) this.#formatFolder(path)
    else if (isFormattable(path)) this.#formatFile(path)
    else this.#fail(`${target} does not have one of the supported extensions: ${formattable.join(', ')}.`)
  }

  #formatFolder(folder: string): void {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      if (isIgnored(entry.name)) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        if (this.#settings.isRecursive) this.#formatFolder(path)
      } else if (isFormattable(path)) this.#formatFile(path)
    }
  }

  #formatFile(path: string): void {
    try {
      this.formatBytes(path, readFileSync(path))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      this.#fail(`Could not read or write ${path}: ${error.message}.`)
    }
  }

  formatBytes(path: string, bytes: Buffer): void {
    const { lists, writes, showsDiff } = this.#settings
    const source = { file: path, text: decodeText(bytes) }
    const { text, diagnostics } = formatText(source)
    if (diagnostics.length > 0) {
      this.#report(diagnostics, [source])
      return
    }
    const formatted = encodeText(text)
    if (!formatted.equals(bytes)) {
      if (lists) this.output.push(Buffer.from(`${path}\n`))
      if (writes) writeFileSync(path, formatted)
      if (showsDiff) this.output.push(encodeText(unifiedDiff(source.text, text, path)))
    }
    if (!lists && !writes && !showsDiff) this.output.push(formatted)
  }

  #fail(detail: string): void {
    this.#report([errorAt(undefined, 'Could not format', detail)], [])
  }

  #report(diagnostics: readonly Diagnostic[], sources: Parameters<typeof printDiagnostics>[1]['sources']): void {
    this.hasErrors = true
    printDiagnostics(diagnostics, { dir: '.', sources })
  }
}

const isFormattable = (path: string) => formattable.some((ending) => path.endsWith(ending))

/** Hidden files and backup files of editors. */
const isIgnored = (name: string) =>
  name.startsWith('.') || name.endsWith('~') || (name.startsWith('#') && name.endsWith('#'))
