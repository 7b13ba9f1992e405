// Functions on paths and files. Only files in the template's folder are readable, unless the deployment allows more.

import type { BinaryToTextEncoding } from 'node:crypto'
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { boolType, dynamicType, setType, stringType } from '../../values/type.ts'
import { bool, set, string, type Value } from '../../values/value.ts'
import {
  type Failure,
  type FunctionEnvironment,
  type FunctionTable,
  fail,
  type LanguageFunction,
  parameter,
} from '../function.ts'
import { textOf, workLimit } from './arguments.ts'
import { decodeUtf8, digest } from './encoding.ts'
import { compileGlob } from './glob.ts'

// Maximum file size.
const maxFileBytes = 16 * 1024 * 1024

const expandHome = (path: string) => (path === '~' || path.startsWith('~/') ? homedir() + path.slice(1) : path)

/** Returns the file's real path, or an error if access is not allowed. Resolves symbolic links first. */
function locate(path: string, environment: FunctionEnvironment): string | Failure {
  if (environment.mayReadFiles === false)
    return fail('files cannot be read here, because the value must be known before planning.', 0)
  const wanted = resolve(environment.moduleDir, expandHome(path))
  const readable = [environment.moduleDir, ...(environment.alsoReadable ?? [])]
  // Checked before the file system is accessed: an error must not reveal whether a file outside exists.
  const isOutside = !readable.some(
    (folder) => isInside(wanted, resolve(folder)) || isInside(wanted, realpathSync(folder)),
  )
  if (isOutside && !environment.mayReadOutsideModule) return outside(path)
  if (isOutside) environment.outsidePaths?.add(wanted)
  let real: string
  try {
    real = realpathSync(wanted)
  } catch {
    return fail(`no file exists at ${JSON.stringify(path)}. Paths are relative to the folder of the module.`, 0)
  }
  if (isOutside || readable.some((folder) => isInside(real, realpathSync(folder)))) return real
  if (!environment.mayReadOutsideModule) return outside(path)
  environment.outsidePaths?.add(real)
  return real
}

const outside = (path: string): Failure =>
  fail(
    `${JSON.stringify(path)} is outside of the module's folder. Only templates of deployment owners can read it: ` +
      'copy the file into the template.',
    0,
  )

function isInside(path: string, folder: string): boolean {
  const relativePath = relative(folder, path)
  return relativePath !== '..' && !relativePath.startsWith(`..${sep}`) && !isAbsolute(relativePath)
}

function readBytes(path: string, environment: FunctionEnvironment): Buffer | Failure {
  const real = locate(path, environment)
  if (typeof real !== 'string') return real
  try {
    const stats = statSync(real)
    // A pipe or device could block or never end.
    if (!stats.isFile() && !stats.isDirectory()) return fail(`${JSON.stringify(path)} is not a regular file.`, 0)
    return stats.size > maxFileBytes
      ? fail(`the file ${JSON.stringify(path)} is larger than 16 MiB.`, 0)
      : readFileSync(real)
  } catch (error) {
    return fail(`the file ${JSON.stringify(path)} cannot be read: ${(error as Error).message}.`, 0)
  }
}

function readText(path: string, environment: FunctionEnvironment): string | Failure {
  const bytes = readBytes(path, environment)
  if (!Buffer.isBuffer(bytes)) return bytes
  return (
    decodeUtf8(bytes) ?? fail(`the file ${JSON.stringify(path)} is not valid UTF-8. Use filebase64 for binary files.`)
  )
}

const fileFunction = (change: (bytes: Buffer) => string): LanguageFunction => ({
  isUncacheable: true,
  parameters: [parameter('path', stringType)],
  returns: stringType,
  call: ([path], environment) => {
    const bytes = readBytes(textOf(path), environment)
    return Buffer.isBuffer(bytes) ? string(change(bytes)) : bytes
  },
})

/** Read errors are reported at the call, not at its argument, as in Terraform. */
const digestOf = (algorithm: string, encoding: BinaryToTextEncoding): LanguageFunction => {
  const read = fileFunction((bytes) => digest(bytes, algorithm, encoding))
  return {
    ...read,
    call: (args, environment) => {
      const result = read.call(args, environment)
      return 'failure' in result ? fail(result.failure) : result
    },
  }
}

const pathFunction = (change: (path: string) => string): LanguageFunction => ({
  parameters: [parameter('path', stringType)],
  returns: stringType,
  call: ([path]) => string(change(textOf(path))),
})

function fileExists(path: string, environment: FunctionEnvironment): Value | Failure {
  const real = locate(path, environment)
  if (typeof real !== 'string') return real.failure.startsWith('no file') ? bool(false) : real
  return isFile(real) ? bool(true) : fail(`${JSON.stringify(path)} is not a file.`)
}

// Maximum number of files and folders in the tree, which is walked in memory.
const maxVisitedFiles = 100_000

function fileSet(folder: string, pattern: string, environment: FunctionEnvironment): Value | Failure {
  const matcher = compileGlob(pattern)
  if (typeof matcher === 'string') return fail(`${JSON.stringify(pattern)} is not a valid pattern: ${matcher}.`)
  const found = locate(folder, environment)
  // A missing folder has no files.
  if (typeof found !== 'string') return found.failure.startsWith('no file') ? set(stringType, []) : found
  const spend = workLimit(environment)
  const names: string[] = []
  const pending = ['']
  let visited = 0
  for (let inner = pending.pop(); inner !== undefined; inner = pending.pop()) {
    for (const entry of entriesOf(resolve(found, inner))) {
      if (++visited > maxVisitedFiles) return fail('the folder contains too many files.', 0)
      spend()
      const name = inner === '' ? entry.name : `${inner}/${entry.name}`
      if (entry.isDirectory()) pending.push(name)
      else if (matcher.test(name, spend) && isFile(resolve(found, name))) names.push(name)
    }
  }
  return set(stringType, names.map(string))
}

/** Empty for non-folders and unreadable folders. */
function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error) return []
    throw error
  }
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true

function renderWith(text: string, name: string, variables: Value | undefined, environment: FunctionEnvironment) {
  if (variables?.kind !== 'object' && variables?.kind !== 'map') return fail('a map of variables is required.', 1)
  const wrong = [...variables.entries.keys()].find((key) => !/^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(key))
  if (wrong !== undefined) return fail(`${JSON.stringify(wrong)} is not a valid variable name.`, 1)
  return environment.render(text, name, variables.entries)
}

const templateVariables = { name: 'vars', type: dynamicType, mayBeUnknown: 'inside' } as const

export const fileFunctions: FunctionTable = {
  abspath: {
    isUncacheable: true,
    parameters: [parameter('path', stringType)],
    returns: stringType,
    call: ([path], { moduleDir }) => string(resolve(moduleDir, expandHome(textOf(path)))),
  },
  basename: pathFunction((path) => (path === '' ? '.' : basename(path))),
  // The part before the last slash, also when nothing follows it.
  dirname: pathFunction((path) => dirname(`${path}x`)),
  file: {
    isUncacheable: true,
    parameters: [parameter('path', stringType)],
    returns: stringType,
    call: ([path], environment) => {
      const text = readText(textOf(path), environment)
      return typeof text === 'string' ? string(text) : text
    },
  },
  filebase64: fileFunction((bytes) => bytes.toString('base64')),
  fileexists: {
    isUncacheable: true,
    parameters: [parameter('path', stringType)],
    returns: boolType,
    call: ([path], environment) => fileExists(textOf(path), environment),
  },
  filebase64sha256: digestOf('sha256', 'base64'),
  filebase64sha512: digestOf('sha512', 'base64'),
  filemd5: digestOf('md5', 'hex'),
  filesha1: digestOf('sha1', 'hex'),
  fileset: {
    isUncacheable: true,
    parameters: [parameter('path', stringType), parameter('pattern', stringType)],
    returns: setType(stringType),
    call: ([path, pattern], environment) => fileSet(textOf(path), textOf(pattern), environment),
  },
  filesha256: digestOf('sha256', 'hex'),
  filesha512: digestOf('sha512', 'hex'),
  pathexpand: pathFunction(expandHome),
  templatefile: {
    isUncacheable: true,
    parameters: [parameter('path', stringType), templateVariables],
    returns: dynamicType,
    call: ([path, variables], environment) => {
      const text = readText(textOf(path), environment)
      return typeof text === 'string' ? renderWith(text, textOf(path), variables, environment) : text
    },
  },
  templatestring: {
    isUncacheable: true,
    parameters: [parameter('data', stringType), templateVariables],
    returns: dynamicType,
    call: ([text, variables], environment) => renderWith(textOf(text), '<templatestring>', variables, environment),
  },
}
