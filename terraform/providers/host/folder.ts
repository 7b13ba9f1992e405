// `host_folder`: a folder of the workspace's own under the data folder. It is deleted only with our marker in it, never
// through links and never across mounts; where any of that is in doubt nothing is deleted at all.

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

// One plain folder name: no way up, no way out, and not our marker.
const namePattern = /^(?!\.{1,2}$)[^/\\\0]+$/

function validateName(config: ObjectValue): readonly ProviderDiagnostic[] {
  const name = textField(config, 'name')
  if (name === undefined || namePattern.test(name)) return []
  return [problem('Invalid folder name', 'It must be one plain name, without slashes and without "..".', 'name')]
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
          `${path} exists and was not made by this resource. Choose another name, or move it away.`,
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
  const doubt =
    (await doubtPlace(path, context)) ?? (await doubtMarker(path, id, context)) ?? (await doubtContent(path))
  if (doubt)
    return { value: prior, diagnostics: [problem('Folder is not deleted', `${path} stays as it is: ${doubt}`)] }
  await removeTree(path)
  return { value: null }
}

/** Why the path is not a folder of this workspace under the data folder. */
async function doubtPlace(path: string, context: HostContext): Promise<string | undefined> {
  const home = workspaceDir(context)
  const way = relative(home, path)
  if (way === '' || isAbsolute(way) || way.includes(sep) || way === '..') return `it is not directly inside ${home}.`
  const status = await lstat(path)
  if (status.isSymbolicLink()) return 'it is a link, and what it leads to is not ours.'
  if (!status.isDirectory()) return 'it is not a folder.'
  const expected = join(await realpath(context.dataDir), 'workspaces', context.workspaceId)
  if ((await realpath(home)) !== expected) return `a part of ${home} is a link.`
  return undefined
}

async function doubtMarker(path: string, id: string, context: HostContext): Promise<string | undefined> {
  const markerPath = join(path, markerName)
  const status = await statusOf(markerPath)
  if (!status?.isFile())
    return `the file ${markerName} that marks it as ours is missing. Delete the folder by hand if you do not need it.`
  const marker = parseMarker(await readFile(markerPath, 'utf8'))
  const isOurs = marker?.workspace_id === context.workspaceId && marker.resource_id === id
  return isOurs ? undefined : `the file ${markerName} in it names another owner.`
}

function parseMarker(content: string): Partial<Marker> | undefined {
  try {
    const parsed: unknown = JSON.parse(content)
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined
  } catch {
    return undefined
  }
}

/** A file system that is mounted inside is somebody else's. The table of mounts also shows those of the same device. */
async function doubtContent(path: string): Promise<string | undefined> {
  const mounts = await mountsInside(path)
  if (mounts[0] !== undefined) return `a file system is mounted at ${mounts[0]}. Unmount it first.`
  const { dev } = await lstat(path)
  const foreign = await findForeign(path, dev)
  return foreign === undefined ? undefined : `${foreign} is on another device. Unmount it first.`
}

async function mountsInside(path: string): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const real = await realpath(path)
  // Read byte by byte, since names are written as they are but for the signs that are escaped.
  const table = await readFile('/proc/self/mountinfo', 'latin1')
  return table
    .split('\n')
    .map((line) => decodeMountPoint(line.split(' ')[4] ?? ''))
    .filter((point) => point === real || point.startsWith(`${real}/`))
}

/** The kernel writes blanks and backslashes as octal numbers. */
const decodeMountPoint = (written: string) =>
  Buffer.from(
    written.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    'latin1',
  ).toString()

async function findForeign(folder: string, dev: number): Promise<string | undefined> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) continue
    if ((await lstat(path)).dev !== dev) return path
    const inside = await findForeign(path, dev)
    if (inside !== undefined) return inside
  }
  return undefined
}

/** Links are taken away as links. The marker goes last, so that an interrupted deletion can be taken up again. */
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
