// Which files of a module are tests, and which hold values for them.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isIgnored, sortModuleFiles } from '../config/module-files.ts'
import type { Source } from '../diagnostics/source.ts'

const endings = ['.tofutest.hcl', '.tofutest.json', '.tftest.hcl', '.tftest.json']

/** Beside the module's own files and in its folder of tests, each by its path in the module's folder, sorted. */
export function findTestFiles(dir: string, testFolder: string): Source[] {
  const places = ['', ...(isFolder(join(dir, testFolder)) ? [testFolder] : [])]
  return places
    .flatMap((folder) => testNamesIn(join(dir, folder)).map((name) => join(folder, name)))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(dir, file), 'utf8') }))
}

/** Files of values for every test, in the folder of tests; later ones win. */
export function findTestValues(dir: string, testFolder: string): Source[] {
  if (!isFolder(join(dir, testFolder))) return []
  return sortModuleFiles(readdirSync(join(dir, testFolder)))
    .values.map((name) => join(testFolder, name))
    .map((file) => ({ file, text: readFileSync(join(dir, file), 'utf8') }))
}

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory()

/** A file for OpenTofu alone stands in for the one of the same name. */
function testNamesIn(folder: string): string[] {
  const isTest = (name: string) => !isIgnored(name) && endings.some((ending) => name.endsWith(ending))
  const names = readdirSync(folder).filter(isTest)
  const present = new Set(names)
  return names.filter((name) => {
    const twin = name.replace(/\.tftest\.(hcl|json)$/, '.tofutest.$1')
    return twin === name || !present.has(twin)
  })
}
