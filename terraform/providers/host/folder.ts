// `host_folder`: a folder of the workspace under the data folder. Deletion requires the provider's marker file, never follows
// symbolic links and never crosses mounts; in case of doubt, nothing is deleted.

import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, realpath, rm, rmdir, unlink, writeFile } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { Outcome, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { computed, forceNew, noBlocks, required, text } from '../../provider-schema.ts'
import { textField, withFields } from '../../values/fields.ts'
import { type ObjectValue, string } from '../../values/value.ts'
import type { HostContext } from './context.ts'
import { workspaceDir } from './workspace-dir.ts'

const markerName = '.coder-local'

interface Marker {
  readonly workspace_id: string
  readonly resource_id: string
}

const schema: ResourceType['schema'] = {
  attributes: { id: computed(text), path: computed(text), name: forceNew(required(text)) },
  blocks: noBlocks,
}

export function folderResource(context: HostContext): ResourceType {
  return {
    schema,
    validate: validateName,
    read: async (current) => ({ value: (await exists(textField(current, 'path') ?? '')) ? current : null }),
    create: (planned) => create(planned, context),
    update: async (_prior, planned) => ({ value: planned }),
    delete: (prior) => remove(prior, context),
  }
}

const problem = (summary: string, detail: string, ...path: string[]): ProviderDiagnostic => ({
  severity: 'error',
  summary,
  detail,
  path,
})

// A single path component, without "..".
const namePattern = /^(?!\.{1,2}$)[^/\\\0]+$/

function validateName(config: ObjectValue): readonly ProviderDiagnostic[] {
  const name = textField(config, 'name')
  if (name === undefined || namePattern.test(name)) return []
  return [problem('Invalid folder name', 'The name must not contain slashes, and must not be "." or "..".', 'name')]
}

async function exists(path: string): Promise<boolean> {
  return (await statusOf(path)) !== undefined
}

async function statusOf(path: string) {
  try {
    return await lstat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function create(planned: ObjectValue, context: HostContext): Promise<Outcome> {
  const path = join(workspaceDir(context), textField(planned, 'name') ?? '')
  if (await exists(path)) {
    return {
      value: null,
      diagnostics: [
        problem(
          'Folder exists already',
          `${path} exists and was not created by this resource. Choose another name, or move the folder.`,
          'name',
        ),
      ],
    }
  }
  const id = randomUUID()
  await mkdir(path, { recursive: true, mode: 0o700 })
  const marker: Marker = { workspace_id: context.workspaceId, resource_id: id }
  await writeFile(join(path, markerName), `${JSON.stringify(marker)}\n`, { flag: 'wx', mode: 0o600 })
  return { value: withFields(planned, { id: string(id), path: string(path) }) }
}

async function remove(prior: ObjectValue, context: HostContext): Promise<Outcome> {
  const path = textField(prior, 'path') ?? ''
  const id = textField(prior, 'id') ?? ''
  if (!(await exists(path))) return { value: null }
  const objection =
    (await checkLocation(path, context)) ?? (await checkMarker(path, id, context)) ?? (await checkMounts(path))
  if (objection)
    return { value: prior, diagnostics: [problem('Folder not deleted', `${path} was not deleted: ${objection}`)] }
  await removeTree(path)
  return { value: null }
}

/** Checks that the path is a folder of this workspace under the data folder. Returns the reason against deletion. */
async function checkLocation(path: string, context: HostContext): Promise<string | undefined> {
  const home = workspaceDir(context)
  const relativePath = relative(home, path)
  if (relativePath === '' || isAbsolute(relativePath) || relativePath.includes(sep) || relativePath === '..')
    return `it is not directly inside ${home}.`
  const status = await lstat(path)
  if (status.isSymbolicLink()) return 'it is a symbolic link.'
  if (!status.isDirectory()) return 'it is not a folder.'
  const expected = join(await realpath(context.dataDir), 'workspaces', context.workspaceId)
  if ((await realpath(home)) !== expected) return `a part of ${home} is a symbolic link.`
  return undefined
}

async function checkMarker(path: string, id: string, context: HostContext): Promise<string | undefined> {
  const markerPath = join(path, markerName)
  const status = await statusOf(markerPath)
  if (!status?.isFile())
    return `the marker file ${markerName} is missing. Delete the folder manually if you do not need it.`
  const marker = parseMarker(await readFile(markerPath, 'utf8'))
  const isOurs = marker?.workspace_id === context.workspaceId && marker.resource_id === id
  return isOurs ? undefined : `its marker file ${markerName} names another owner.`
}

function parseMarker(content: string): Partial<Marker> | undefined {
  try {
    const parsed: unknown = JSON.parse(content)
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Checks for file systems mounted inside. The mount table also has bind mounts, which have the same device. */
async function checkMounts(path: string): Promise<string | undefined> {
  const mounts = await mountsInside(path)
  if (mounts[0] !== undefined) return `a file system is mounted at ${mounts[0]}. Unmount it first.`
  const { dev } = await lstat(path)
  const foreign = await findForeignMount(path, dev)
  return foreign === undefined ? undefined : `${foreign} is on another device. Unmount it first.`
}

async function mountsInside(path: string): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const real = await realpath(path)
  // latin1 preserves the bytes of names, which can have any encoding.
  const table = await readFile('/proc/self/mountinfo', 'latin1')
  return table
    .split('\n')
    .map((line) => decodeMountPoint(line.split(' ')[4] ?? ''))
    .filter((point) => point === real || point.startsWith(`${real}/`))
}

/** The kernel escapes spaces and backslashes as octal numbers. */
const decodeMountPoint = (escaped: string) =>
  Buffer.from(
    escaped.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    'latin1',
  ).toString()

async function findForeignMount(folder: string, dev: number): Promise<string | undefined> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) continue
    if ((await lstat(path)).dev !== dev) return path
    const inside = await findForeignMount(path, dev)
    if (inside !== undefined) return inside
  }
  return undefined
}

/** Removes symbolic links without following them. Removes the marker last, so that an interrupted deletion can resume. */
async function removeTree(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.name === markerName) continue
    const inside = join(path, entry.name)
    if (entry.isDirectory()) await rm(inside, { recursive: true })
    else await unlink(inside)
  }
  await unlink(join(path, markerName))
  await rmdir(path)
}
