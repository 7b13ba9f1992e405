// A template: the folder's files parsed and decoded once, with what is wrong in them. Immutable; callers keep it for as
// long as the version's files do not change.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeModule, type ModuleFile } from '../config/decode-module.ts'
import type { Module } from '../config/module.ts'
import { type Diagnostic, errorAt, type Source } from '../diagnostics.ts'
import { parseFile } from '../hcl/parse-body.ts'
import { buildGraph, type Graph, topologicalOrder } from './graph.ts'

export interface Template {
  readonly dir: string
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: readonly Source[]
  readonly module: Module
  readonly graph: Graph
  /** Each node after what it refers to. */
  readonly order: readonly string[]
}

// Far above any template; parsing more would only help whoever wants to exhaust the server.
const maxFileBytes = 16 * 1024 * 1024

/** Reads and parses every `.tf` file of the folder. Never throws for what the files hold. */
export function openTemplate(dir: string): Template {
  const diagnostics: Diagnostic[] = []
  const sources = readSources(dir, diagnostics)
  return parseTemplate(dir, sources, diagnostics)
}

/** A template from texts already read; `dir` is where its file functions look. */
export function parseTemplate(dir: string, sources: readonly Source[], found: readonly Diagnostic[] = []): Template {
  const diagnostics = [...found]
  const files = sources.map((source): ModuleFile => {
    const parsed = parseFile(source)
    diagnostics.push(...parsed.diagnostics)
    return { body: parsed.value, text: source.text, isVariableValues: source.file.endsWith('.tfvars') }
  })
  const module = decodeModule(dir, files)
  const { graph, diagnostics: graphDiagnostics } = buildGraph(module)
  diagnostics.push(...module.diagnostics, ...graphDiagnostics)
  return { dir, diagnostics, sources, module, graph, order: topologicalOrder(graph) }
}

function readSources(dir: string, diagnostics: Diagnostic[]): Source[] {
  const names = listFiles(dir, diagnostics)
  const configuration = names.filter((name) => name.endsWith('.tf'))
  // Later values win: terraform.tfvars first, then the others by name.
  const values = names.filter((name) => name.endsWith('.auto.tfvars'))
  if (names.includes('terraform.tfvars')) values.unshift('terraform.tfvars')
  if (configuration.length === 0 && diagnostics.length === 0) {
    const detail = `The folder ${dir} holds no file whose name ends in .tf, so there is nothing to build.`
    diagnostics.push(errorAt(undefined, 'No configuration files', detail))
  }
  return [...configuration, ...values].flatMap((file) => {
    const text = readText(join(dir, file), file, diagnostics)
    return text === undefined ? [] : [{ file, text }]
  })
}

function listFiles(dir: string, diagnostics: Diagnostic[]): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && !entry.name.endsWith('~'))
      .map((entry) => entry.name)
      .sort()
  } catch (error) {
    diagnostics.push(
      errorAt(undefined, 'Unreadable template', `The folder ${dir} can not be read: ${(error as Error).message}.`),
    )
    return []
  }
}

function readText(path: string, file: string, diagnostics: Diagnostic[]): string | undefined {
  const bytes = readFileSync(path)
  if (bytes.length <= maxFileBytes) return bytes.toString('utf8')
  diagnostics.push(errorAt(undefined, 'File too large', `${file} is larger than 16 MiB, which no template needs.`))
  return undefined
}
