// Where the files of a template come from: a folder on disk or texts in memory. Paths are relative to the template's
// folder, with slashes; absolute ones name modules that came with the deployment.

import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { Source } from '../../diagnostics.ts'

/** Why a file or folder can not be had, as a sentence. */
export interface FileProblem {
  readonly problem: string
}

export interface TemplateFiles {
  /** Names of the files in a folder, sorted; `''` is the template's own. */
  list(folder: string): readonly string[] | FileProblem
  read(path: string): string | FileProblem
}

// Far above any template; parsing more would only help whoever wants to exhaust the server.
const maxFileBytes = 16 * 1024 * 1024

/** Links are followed before it is checked that what is read stays inside of the template or of `alsoReadable`. */
export function filesOnDisk(dir: string, mayReadOutside: boolean, alsoReadable: readonly string[] = []): TemplateFiles {
  const locate = (path: string): string | FileProblem => {
    let real: string
    try {
      real = realpathSync(resolve(dir, path))
    } catch (error) {
      return { problem: `${shown(path)} can not be read: ${(error as Error).message}.` }
    }
    const isReadable =
      mayReadOutside || path === '' || [dir, ...alsoReadable].some((folder) => isInside(real, realpathSync(folder)))
    return isReadable ? real : { problem: `${shown(path)} is outside of the template's folder.` }
  }
  const attempt = <T>(path: string, act: (real: string) => T | FileProblem): T | FileProblem => {
    const real = locate(path)
    if (typeof real !== 'string') return real
    try {
      return act(real)
    } catch (error) {
      return { problem: `${shown(path)} can not be read: ${(error as Error).message}.` }
    }
  }
  return {
    list: (folder) =>
      attempt(folder, (real) =>
        readdirSync(real, { withFileTypes: true })
          .filter((entry) => !entry.isDirectory())
          .map((entry) => entry.name)
          .sort(),
      ),
    read: (path) =>
      attempt(path, (real) =>
        statSync(real).size > maxFileBytes
          ? { problem: `${shown(path)} is larger than 16 MiB, which no template needs.` }
          : readFileSync(real, 'utf8'),
      ),
  }
}

const shown = (path: string) => (path === '' ? "The template's folder" : path)

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** Texts named by their path in the template: `main.tf`, `modules/a/main.tf`. */
export function filesInMemory(sources: readonly Source[]): TemplateFiles {
  return {
    list(folder) {
      const prefix = folder === '' ? '' : `${folder}/`
      const names = sources
        .filter(({ file }) => file.startsWith(prefix) && !file.slice(prefix.length).includes('/'))
        .map(({ file }) => file.slice(prefix.length))
      return names.length === 0 && folder !== '' ? { problem: `There is no folder ${folder}.` } : names.sort()
    },
    read(path) {
      return sources.find(({ file }) => file === path)?.text ?? { problem: `There is no file ${path}.` }
    },
  }
}
