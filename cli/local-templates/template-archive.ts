// Packs a template's folder into the tar archive that `coder templates push` uploads, and unpacks archives.

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import { extract, pack } from 'tar-stream'
import { CommandError } from '../output/errors.ts'

// coderd accepts more, but a template of this size contains files by mistake.
const maxArchiveBytes = 100 * 1024 * 1024

/** Included although its name starts with a dot: it pins the providers. */
const lockFile = '.terraform.lock.hcl'

/** Packs regular files only, and no hidden files or folders. Paths are sorted and times are zero, so that the same content
 *  gives the same bytes and therefore the same uploaded file. */
export async function packTemplate(folder: string): Promise<Uint8Array> {
  const files = listFiles(folder, '')
  if (!files.some((file) => /^[^/]+\.tf(\.json)?$/.test(file)))
    throw new CommandError(`${folder} is not a template: it contains no .tf file.`, {
      hint: 'pass the folder of the template with --directory.',
    })
  const bytes = await packFiles(
    files.map((name) => ({
      name,
      mode: statSync(join(folder, name)).mode & 0o111 ? 0o755 : 0o644,
      content: readFileSync(join(folder, name)),
    })),
  )
  if (bytes.length > maxArchiveBytes)
    throw new CommandError(
      `${folder} is too large for a template: ${Math.ceil(bytes.length / 2 ** 20)} MiB, the limit is ${maxArchiveBytes / 2 ** 20} MiB.`,
    )
  return bytes
}

interface PackedFile {
  readonly name: string
  readonly content: Uint8Array | string
  readonly mode?: number
}

export async function packFiles(files: readonly PackedFile[]): Promise<Uint8Array> {
  const archive = pack()
  for (const { name, content, mode = 0o644 } of files) {
    archive.entry({ name, mode, mtime: new Date(0) }, typeof content === 'string' ? content : Buffer.from(content))
  }
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

function listFiles(folder: string, below: string): string[] {
  let entries: ReturnType<typeof readEntries>
  try {
    entries = readEntries(join(folder, below))
  } catch (error) {
    throw new CommandError(`Could not read ${join(folder, below)}: ${(error as Error).message}`)
  }
  return entries.flatMap((entry) => {
    if (entry.name.startsWith('.') && entry.name !== lockFile) return []
    const path = below ? `${below}/${entry.name}` : entry.name
    if (entry.isDirectory()) return listFiles(folder, path)
    return entry.isFile() ? [path] : []
  })
}

const readEntries = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))

/** Writes the archive's files below the folder. @throws CommandError for an entry outside of it */
export async function unpackTemplate(archive: Uint8Array, folder: string): Promise<void> {
  const entries = Readable.from([archive]).pipe(extract())
  for await (const entry of entries) {
    const { name, type, mode = 0o644 } = entry.header
    const target = resolve(folder, name)
    if (target !== folder && !target.startsWith(folder + sep))
      throw new CommandError(`The archive contains "${name}", which is outside of its folder.`)
    const chunks: Uint8Array[] = []
    for await (const chunk of entry) chunks.push(chunk as Uint8Array)
    if (type === 'directory') mkdirSync(target, { recursive: true })
    if (type !== 'file') continue
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, Buffer.concat(chunks), { mode: mode & 0o777 })
  }
}
