// Files of an SFTP session: open handles, attributes, error codes.

import { constants, type Dir, type Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { readAccount } from '../../../../lib/account.ts'
import { type Attributes, statusCodes } from './packets.ts'

export type Handle =
  | { readonly kind: 'file'; readonly file: FileHandle; readonly appends: boolean }
  | { readonly kind: 'folder'; readonly dir: Dir; readonly path: Buffer }

/** Enough for any client; each is an open file descriptor. */
const maxHandles = 1_000

export class Handles {
  readonly #open = new Map<number, Handle>()
  #last = 0

  /** @throws Error with code EMFILE */
  add(handle: Handle): Buffer {
    if (this.#open.size >= maxHandles) throw Object.assign(new Error('Too many open files.'), { code: 'EMFILE' })
    this.#open.set(++this.#last, handle)
    const id = Buffer.alloc(4)
    id.writeUInt32BE(this.#last)
    return id
  }

  /** @throws Error with code EBADF */
  file(id: Buffer): Extract<Handle, { kind: 'file' }> {
    const handle = this.#find(id)
    if (handle?.kind !== 'file') throw badHandle()
    return handle
  }

  /** @throws Error with code EBADF */
  folder(id: Buffer): Extract<Handle, { kind: 'folder' }> {
    const handle = this.#find(id)
    if (handle?.kind !== 'folder') throw badHandle()
    return handle
  }

  async close(id: Buffer): Promise<void> {
    const handle = this.#find(id)
    if (!handle) throw badHandle()
    this.#open.delete(id.readUInt32BE())
    await closeHandle(handle)
  }

  async closeAll(): Promise<void> {
    const handles = [...this.#open.values()]
    this.#open.clear()
    await Promise.allSettled(handles.map(closeHandle))
  }

  #find(id: Buffer): Handle | undefined {
    return id.length === 4 ? this.#open.get(id.readUInt32BE()) : undefined
  }
}

const badHandle = () => Object.assign(new Error('The handle is not valid.'), { code: 'EBADF' })

const closeHandle = (handle: Handle) => (handle.kind === 'file' ? handle.file.close() : handle.dir.close())

const openFlags = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 } as const

/** Flags of open(2) for those of an SFTP request. */
export function toOpenFlags(flags: number): number {
  const has = (flag: number) => (flags & flag) !== 0
  const access =
    has(openFlags.read) && has(openFlags.write)
      ? constants.O_RDWR
      : has(openFlags.write)
        ? constants.O_WRONLY
        : constants.O_RDONLY
  return (
    access |
    (has(openFlags.append) ? constants.O_APPEND : 0) |
    (has(openFlags.create) ? constants.O_CREAT : 0) |
    (has(openFlags.truncate) ? constants.O_TRUNC : 0) |
    (has(openFlags.exclusive) ? constants.O_EXCL : 0)
  )
}

export const appends = (flags: number) => (flags & openFlags.append) !== 0

export const attributesOf = ({ size, uid, gid, mode, atimeMs, mtimeMs }: Stats): Attributes => ({
  size,
  owner: { uid, gid },
  mode,
  times: { accessed: Math.floor(atimeMs / 1000), modified: Math.floor(mtimeMs / 1000) },
})

const typeLetters: Readonly<Record<number, string>> = {
  [constants.S_IFDIR]: 'd',
  [constants.S_IFLNK]: 'l',
  [constants.S_IFSOCK]: 's',
  [constants.S_IFIFO]: 'p',
  [constants.S_IFBLK]: 'b',
  [constants.S_IFCHR]: 'c',
}

/** A line as of `ls -l`, which clients print. */
export function describeFile(name: Buffer, stats: Stats): Buffer {
  const { mode, nlink, uid, gid, size, mtime } = stats
  const letter = typeLetters[mode & constants.S_IFMT] ?? '-'
  const bits = [...'rwxrwxrwx'].map((bit, at) => (mode & (0o400 >> at) ? bit : '-')).join('')
  const owner = uid === process.getuid?.() ? readAccount().username : String(uid)
  const fields = [
    letter + bits,
    String(nlink).padStart(4),
    owner.padEnd(8),
    String(gid).padEnd(8),
    String(size).padStart(8),
  ]
  return Buffer.concat([Buffer.from(`${fields.join(' ')} ${formatDate(mtime)} `), name])
}

const recentMs = 182 * 24 * 3600 * 1000

function formatDate(date: Date): string {
  const [, month = '', day = '', year = ''] = date.toDateString().split(' ')
  const isRecent = Math.abs(Date.now() - date.getTime()) < recentMs
  const end = isRecent ? date.toTimeString().slice(0, 5) : ` ${year}`
  return `${month} ${String(Number(day)).padStart(2)} ${end}`
}

const codes: Readonly<Record<string, number>> = {
  ENOENT: statusCodes.noSuchFile,
  ENOTDIR: statusCodes.noSuchFile,
  EBADF: statusCodes.noSuchFile,
  ELOOP: statusCodes.noSuchFile,
  EACCES: statusCodes.permissionDenied,
  EPERM: statusCodes.permissionDenied,
  EROFS: statusCodes.permissionDenied,
  ENAMETOOLONG: statusCodes.badMessage,
  EINVAL: statusCodes.badMessage,
  ENOSYS: statusCodes.unsupported,
}

export function statusOf(error: NodeJS.ErrnoException): { code: number; message: string } {
  return { code: codes[error.code ?? ''] ?? statusCodes.failure, message: error.message }
}
