// Reads a template's files from a folder or from memory. Paths are relative to the template's folder, with slashes; absolute
// paths are bundled modules.

import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { Source } from '../../diagnostics/source.ts'

/** The reason why a file or folder cannot be read, as a sentence. */
export interface FileProblem {
  readonly problem: string
}

export interface TemplateFiles {
  /** The sorted names of the files in a folder; `''` is the template's folder. */
  list(folder: string): readonly string[] | FileProblem
  read(path: string): string | FileProblem
}

// Far above any real template; bounds the memory that a hostile one can take.
const maxFileBytes = 16 * 1024 * 1024

/** Resolves symbolic links before checking that a path is inside the template or `alsoReadable`. */
export function filesOnDisk(dir: string, mayReadOutside: boolean, alsoReadable: readonly string[] = []): TemplateFiles {
  const locate = (path: string): string | FileProblem => {
    let real: string
    try {
      real = realpathSync(resolve(dir, path))
    } catch (error) {
      return { problem: `${shown(path)} cannot be read: ${(error as Error).message}.` }
    }
    const isReadable =
      mayReadOutside || path === '' || [dir, ...alsoReadable].some((folder) => isInside(real, realpathSync(folder)))
    return isReadable ? real : { problem: `${shown(path)} is outside the template's folder.` }
  }
  const attempt = <T>(path: string, act: (real: string) => T | FileProblem): T | FileProblem => {
    const real = locate(path)
    if (typeof real !== 'string') return real
    try {
      return act(real)
    } catch (error) {
      return { problem: `${shown(path)} cannot be read: ${(error as Error).message}.` }
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
          ? { problem: `${shown(path)} is larger than 16 MiB, the limit for template files.` }
          : readFileSync(real, 'utf8'),
      ),
  }
}

const shown = (path: string) => (path === '' ? "The template's folder" : path)

function isInside(path: string, folder: string): boolean {
  const relativePath = relative(folder, path)
  return relativePath !== '..' && !relativePath.startsWith(`..${sep}`) && !isAbsolute(relativePath)
}

/** Files by their path in the template: `main.tf`, `modules/a/main.tf`. */
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
