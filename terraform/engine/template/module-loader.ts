// Builds the tree of a template's modules: locates the folder of each `module` block, reads and decodes it. A folder used by
// several blocks is read once.

import { isAbsolute, posix } from 'node:path'
import { modulePrefix } from '../../addresses.ts'
import { decodeModule, type ModuleFile } from '../../config/decode-module.ts'
import { parseJsonFile } from '../../config/json-file.ts'
import type { Module, ModuleCall, ModuleNode } from '../../config/module.ts'
import { sortModuleFiles } from '../../config/module-files.ts'
import { addDiagnostics, type Diagnostic, errorAt, hasErrors } from '../../diagnostics/diagnostic.ts'
import type { Source } from '../../diagnostics/source.ts'
import { parseFile } from '../../hcl/parse-body.ts'
import { staticText } from '../modules/static-scope.ts'
import type { TemplateFiles } from './template-files.ts'

/** The folder of a bundled module; null if there is none. */
export type FindBundledModule = (source: string, version: string | undefined) => string | null

export interface LoadedModules {
  readonly root: ModuleNode
  readonly sources: readonly Source[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Whether the source is a registry or download address. */
const isModuleAddress = (source: string): boolean =>
  /^(?:[\w.-]+(?::\d+)?\/)?[\w.-]+\/[\w-]+\/[\w-]+(?:\/\/.*)?$/.test(source) ||
  /^(?:github\.com|bitbucket\.org)\/|^git@|^\/|^\.\.?\/|:/.test(source)

/** The summary of diagnostics about missing modules. */
export const missingModuleSummary = 'Module not available'

// Nested module calls multiply. Far above any real template.
const maxModules = 1000

export interface ModuleLoadOptions {
  readonly findBundled: FindBundledModule
  /** A missing registry or remote module is a warning; its outputs are then unknown. */
  readonly allowsMissingModules: boolean
}

export function loadModules(files: TemplateFiles, options: ModuleLoadOptions): LoadedModules {
  const loader = new ModuleLoader(files, options)
  const root = loader.load('', [], undefined, undefined)
  return { root, sources: loader.sources, diagnostics: loader.diagnostics }
}

class ModuleLoader {
  readonly diagnostics: Diagnostic[] = []
  readonly sources: Source[] = []
  readonly #files: TemplateFiles
  readonly #options: ModuleLoadOptions
  readonly #modules = new Map<string, Module | undefined>()
  #vendored: ReadonlyMap<string, VendoredModule> | undefined
  #count = 0

  constructor(files: TemplateFiles, options: ModuleLoadOptions) {
    this.#files = files
    this.#options = options
  }

  /** The root is never undefined. An unreadable module is reported and undefined. */
  load(folder: string, names: readonly string[], parent: undefined, call: undefined): ModuleNode
  load(folder: string, names: readonly string[], parent: ModuleNode, call: ModuleCall): ModuleNode | undefined
  load(
    folder: string,
    names: readonly string[],
    parent: ModuleNode | undefined,
    call: ModuleCall | undefined,
  ): ModuleNode | undefined {
    this.#count++
    const module = this.#readModule(folder, call)
    if (!module) return undefined
    const children = new Map<string, ModuleNode>()
    const node: ModuleNode = { names, module, parent, call, children }
    for (const inner of module.calls.values()) {
      const child = this.#loadChild(inner, folder, node)
      if (child) children.set(inner.name, child)
    }
    return node
  }

  #loadChild(call: ModuleCall, folder: string, parent: ModuleNode): ModuleNode | undefined {
    const names = [...parent.names, call.name]
    const source = call.source ?? staticText(call.sourceExpression, parent, (found) => this.diagnostics.push(found))
    if (source === undefined) return undefined
    const found = this.#locate({ ...call, source }, folder, names)
    if (typeof found !== 'string') {
      const missing = errorAt(call.sourceExpression.range, found.summary ?? missingModuleSummary, found.problem)
      const isWarning = this.#options.allowsMissingModules && missing.summary === missingModuleSummary
      this.diagnostics.push(isWarning ? { ...missing, severity: 'warning' } : missing)
      return undefined
    }
    for (let at: ModuleNode | undefined = parent; at; at = at.parent) {
      if (at.module.dir === dirOf(found)) {
        const detail = `The module in ${at.module.dir} calls itself through ${modulePrefix(names).slice(0, -1)}, which would never end.`
        this.diagnostics.push(errorAt(call.sourceExpression.range, 'Module calls itself', detail))
        return undefined
      }
    }
    if (this.#count >= maxModules) {
      this.#reportTooMany(call)
      return undefined
    }
    return this.load(found, names, parent, call)
  }

  #reportTooMany(call: ModuleCall): void {
    const summary = 'Too many modules'
    if (this.diagnostics.some((diagnostic) => diagnostic.summary === summary)) return
    const detail = `The template calls more than ${maxModules} modules in total. Reduce the nested module calls.`
    this.diagnostics.push(errorAt(call.sourceExpression.range, summary, detail))
  }

  #locate(
    call: ModuleCall & { source: string },
    folder: string,
    names: readonly string[],
  ): string | { problem: string; summary?: string } {
    const { source, version } = call
    if (/^\.\.?(\/|$)/.test(source)) {
      if (version === undefined) return localFolder(folder, source)
      const problem =
        'A local module has no version. Remove the argument "version", or use a registry address as source.'
      return { summary: 'Invalid registry module source address', problem }
    }
    const vendored = this.#vendoredModules().get(names.join('.'))
    if (vendored && isSource(vendored.source, source)) return vendored.dir
    const bundled = this.#options.findBundled(source, version)
    if (bundled !== null) return bundled
    const changed = vendored
      ? ` The folder .terraform/modules has "${vendored.source}" instead: run terraform init again.`
      : ''
    if (!isModuleAddress(source)) {
      const problem = `"${source}" is not a module address. The path of a local module begins with ./ or ../.`
      return { problem, summary: 'Invalid module source address' }
    }
    const module = version === undefined ? `"${source}"` : `"${source}", version "${version}",`
    if (this.#options.allowsMissingModules) {
      return {
        problem: `The module ${module} is neither in the template nor part of this deployment, so its arguments were not checked and its outputs are unknown.${changed}`,
      }
    }
    return {
      problem: `The module ${module} is neither in the template nor part of this deployment, and modules are not downloaded.${changed} Run terraform init in the template's folder and push it together with .terraform/modules, or copy the module into the template and set its folder: source = "./${call.name}".`,
    }
  }

  /** The modules that `terraform init` downloaded. */
  #vendoredModules(): ReadonlyMap<string, VendoredModule> {
    this.#vendored ??= readManifest(this.#files.read('.terraform/modules/modules.json'))
    return this.#vendored
  }

  #readModule(folder: string, call: ModuleCall | undefined): Module | undefined {
    if (this.#modules.has(folder)) return this.#modules.get(folder)
    const module = this.#parseModule(folder, call)
    this.#modules.set(folder, module)
    return module
  }

  #parseModule(folder: string, call: ModuleCall | undefined): Module | undefined {
    const names = this.#files.list(folder)
    if (!Array.isArray(names)) return this.#unreadable(folder, call, (names as { problem: string }).problem)
    const sorted = sortModuleFiles(names)
    const isEmpty = sorted.configuration.length + sorted.overrides.length === 0
    if (isEmpty && !call) {
      const problem = `${folder === '' ? "The template's folder" : `The folder ${folder}`} has no .tf or .tofu files.`
      return this.#unreadable(folder, call, problem)
    }
    const read = (name: string, role: ModuleFile['role']) => this.#readFile(folder, name, role)
    const module = decodeModule(dirOf(folder), [
      ...sorted.configuration.flatMap((name) => read(name, 'configuration')),
      ...sorted.overrides.flatMap((name) => read(name, 'override')),
      ...(call ? [] : sorted.values.flatMap((name) => read(name, 'values'))),
    ])
    addDiagnostics(this.diagnostics, module.diagnostics)
    return module
  }

  #unreadable(folder: string, call: ModuleCall | undefined, problem: string): Module | undefined {
    if (!hasErrors(this.diagnostics) || call) {
      const summary = call ? 'Unreadable module directory' : 'No configuration files'
      this.diagnostics.push(errorAt(call?.sourceExpression.range, summary, problem))
    }
    return call ? undefined : decodeModule(dirOf(folder), [])
  }

  #readFile(folder: string, name: string, role: ModuleFile['role']): ModuleFile[] {
    const path = folder === '' ? name : `${folder}/${name}`
    const text = this.#files.read(path)
    if (typeof text !== 'string') {
      this.diagnostics.push(errorAt(undefined, 'Unreadable file', text.problem))
      return []
    }
    const source = { file: path, text }
    this.sources.push(source)
    const isJson = name.endsWith('.json')
    const parsed = isJson ? parseJsonFile(source, role === 'values' ? role : 'configuration') : parseFile(source)
    addDiagnostics(this.diagnostics, parsed.diagnostics)
    return [{ body: parsed.value, text, role }]
  }
}

const dirOf = (folder: string) => (folder === '' ? '.' : folder)

function localFolder(folder: string, source: string): string {
  const joined = posix.join(folder, source).replace(/\/$/, '')
  return joined === '.' ? '' : joined
}

interface VendoredModule {
  readonly source: string
  readonly dir: string
}

/** The manifest includes the registry host, which the template may omit. */
const isSource = (vendored: string, source: string) => vendored === source || vendored.endsWith(`/${source}`)

function readManifest(text: string | { problem: string }): ReadonlyMap<string, VendoredModule> {
  const found = new Map<string, VendoredModule>()
  if (typeof text !== 'string') return found
  for (const entry of manifestEntries(text)) {
    const { Key: key, Source: source, Dir: dir } = entry
    if (typeof key !== 'string' || typeof source !== 'string' || typeof dir !== 'string') continue
    if (key !== '' && !isAbsolute(dir)) found.set(key, { source, dir: localFolder('', dir) })
  }
  return found
}

function manifestEntries(text: string): readonly Record<string, unknown>[] {
  try {
    const { Modules: modules } = JSON.parse(text) as { Modules?: unknown }
    return Array.isArray(modules) ? modules.filter((entry) => typeof entry === 'object' && entry !== null) : []
  } catch {
    // Without a valid manifest, its modules are reported as missing.
    return []
  }
}
