// A template: the files of a folder and of its modules, parsed and decoded once, with diagnostics. Immutable; callers can
// reuse it until the files change.

import type { Module, ModuleNode } from '../../config/module.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import type { Source } from '../../diagnostics/source.ts'
import { buildGraph } from '../graph/build-graph.ts'
import { findCreateBeforeDestroy, type Graph, topologicalOrder } from '../graph/graph.ts'
import { checkProviderConfigurations } from './check-providers.ts'
import { type FindBundledModule, loadModules } from './module-loader.ts'
import { filesInMemory, filesOnDisk, type TemplateFiles } from './template-files.ts'

export interface Template {
  readonly dir: string
  readonly diagnostics: readonly Diagnostic[]
  /** The diagnostics of the files alone, without those about references. */
  readonly fileDiagnostics: readonly Diagnostic[]
  /** Folders outside the template that its modules may read. */
  readonly bundledModuleDirs: readonly string[]
  /** The files of all modules, by path in the template. */
  readonly sources: readonly Source[]
  readonly root: ModuleNode
  /** The root module. */
  readonly module: Module
  readonly graph: Graph
  /** Resources that are replaced by creating the new object first: by their own setting or that of a dependent. */
  readonly createsBeforeDestroy: ReadonlySet<string>
  /** Graph nodes in topological order. */
  readonly order: readonly string[]
}

export interface TemplateOptions {
  /** Whether modules may be outside the template's folder. Default: false. */
  readonly mayReadOutsideModule?: boolean
  /** Finds modules bundled with the deployment. */
  readonly findBundledModule?: FindBundledModule
  /** Folders with bundled modules. */
  readonly bundledModuleDirs?: readonly string[]
  /** Missing modules are warnings instead of errors. */
  readonly allowsMissingModules?: boolean
}

const noBundledModules: FindBundledModule = () => null

/** Reads and parses the folder and its modules. Invalid files give diagnostics, never exceptions. */
export function openTemplate(dir: string, options: TemplateOptions = {}): Template {
  const files = filesOnDisk(dir, options.mayReadOutsideModule ?? false, options.bundledModuleDirs)
  return composeTemplate(dir, files, options)
}

/** A template from texts in memory; `dir` is the folder of its file functions. */
export function parseTemplate(dir: string, sources: readonly Source[], options: TemplateOptions = {}): Template {
  return composeTemplate(dir, filesInMemory(sources), options)
}

function composeTemplate(dir: string, files: TemplateFiles, options: TemplateOptions): Template {
  const { findBundledModule: findBundled = noBundledModules, allowsMissingModules = false } = options
  const { root, sources, diagnostics } = loadModules(files, { findBundled, allowsMissingModules })
  return withRoot({ dir, bundledModuleDirs: options.bundledModuleDirs ?? [], sources }, root, diagnostics)
}

/** The template with another module tree. `fileDiagnostics`: see `Template`. */
export function withRoot(
  { dir, bundledModuleDirs, sources }: Pick<Template, 'dir' | 'bundledModuleDirs' | 'sources'>,
  root: ModuleNode,
  fileDiagnostics: readonly Diagnostic[],
): Template {
  const { graph, diagnostics: found } = buildGraph(root)
  const order = topologicalOrder(graph)
  return {
    dir,
    bundledModuleDirs,
    sources,
    diagnostics: [...fileDiagnostics, ...found, ...checkProviderConfigurations(root)],
    fileDiagnostics,
    root,
    module: root.module,
    graph,
    createsBeforeDestroy: findCreateBeforeDestroy(graph),
    order,
  }
}
