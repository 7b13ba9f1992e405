// A template: the folder's files and those of its modules parsed and decoded once, with what is wrong in them.
// Immutable; callers keep it for as long as the version's files do not change.

import type { Module, ModuleNode } from '../../config/module.ts'
import type { Diagnostic, Source } from '../../diagnostics.ts'
import { buildGraph } from '../graph/build-graph.ts'
import { findCreateBeforeDestroy, type Graph, topologicalOrder } from '../graph/graph.ts'
import { checkProviderConfigurations } from './check-providers.ts'
import { type FindBundledModule, loadModules } from './module-loader.ts'
import { filesInMemory, filesOnDisk, type TemplateFiles } from './template-files.ts'

export interface Template {
  readonly dir: string
  readonly diagnostics: readonly Diagnostic[]
  /** Those of them that the files have by themselves, whatever refers to what. */
  readonly fileDiagnostics: readonly Diagnostic[]
  /** Folders outside of the template whose files its modules may read. */
  readonly bundledModuleDirs: readonly string[]
  /** The files of all modules, named by their path in the template. */
  readonly sources: readonly Source[]
  readonly root: ModuleNode
  /** The root module. */
  readonly module: Module
  readonly graph: Graph
  /** Resources whose replacements are made before the old objects go: those that ask for it, and what they need. */
  readonly createsBeforeDestroy: ReadonlySet<string>
  /** Each node after what it refers to. */
  readonly order: readonly string[]
}

export interface TemplateOptions {
  /** Whether modules may lie outside of the template's folder; not unless said. */
  readonly mayReadOutsideModule?: boolean
  /** Finds modules that come with the deployment. */
  readonly findBundledModule?: FindBundledModule
  /** Folders under which bundled modules lie. */
  readonly bundledModuleDirs?: readonly string[]
  /** Modules that are neither in the folder nor bundled are told as warnings, not as errors. */
  readonly allowsMissingModules?: boolean
}

const noBundledModules: FindBundledModule = () => null

/** Reads and parses the folder and the modules that it asks for. Never throws for what the files hold. */
export function openTemplate(dir: string, options: TemplateOptions = {}): Template {
  const files = filesOnDisk(dir, options.mayReadOutsideModule ?? false, options.bundledModuleDirs)
  return composeTemplate(dir, files, options)
}

/** A template from texts already read; `dir` is where its file functions look. */
export function parseTemplate(dir: string, sources: readonly Source[], options: TemplateOptions = {}): Template {
  return composeTemplate(dir, filesInMemory(sources), options)
}

function composeTemplate(dir: string, files: TemplateFiles, options: TemplateOptions): Template {
  const { findBundledModule: findBundled = noBundledModules, allowsMissingModules = false } = options
  const { root, sources, diagnostics } = loadModules(files, { findBundled, allowsMissingModules })
  return withRoot({ dir, bundledModuleDirs: options.bundledModuleDirs ?? [], sources }, root, diagnostics)
}

/** The template with another tree of modules; `fileDiagnostics` is what is wrong whatever refers to what. */
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
