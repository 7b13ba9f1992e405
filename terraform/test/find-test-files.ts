// Finds a module's test files and the variable files of its tests.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isIgnored, sortModuleFiles } from '../config/module-files.ts'
import type { Source } from '../diagnostics/source.ts'

const endings = ['.tofutest.hcl', '.tofutest.json', '.tftest.hcl', '.tftest.json']

/** The test files beside the module's files and in its test folder, sorted by path. */
export function findTestFiles(dir: string, testFolder: string): Source[] {
  const folders = ['', ...(isFolder(join(dir, testFolder)) ? [testFolder] : [])]
  return folders
    .flatMap((folder) => testNamesIn(join(dir, folder)).map((name) => join(folder, name)))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(dir, file), 'utf8') }))
}

/** The variable files in the test folder; later files override earlier ones. */
export function findTestValues(dir: string, testFolder: string): Source[] {
  if (!isFolder(join(dir, testFolder))) return []
  return sortModuleFiles(readdirSync(join(dir, testFolder)))
    .values.map((name) => join(testFolder, name))
    .map((file) => ({ file, text: readFileSync(join(dir, file), 'utf8') }))
}

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory()

/** A .tofutest file replaces the .tftest file with the same name. */
function testNamesIn(folder: string): string[] {
  const isTest = (name: string) => !isIgnored(name) && endings.some((ending) => name.endsWith(ending))
  const names = readdirSync(folder).filter(isTest)
  const present = new Set(names)
  return names.filter((name) => {
    const twin = name.replace(/\.tftest\.(hcl|json)$/, '.tofutest.$1')
    return twin === name || !present.has(twin)
  })
}
