// Changes attributes of files for SFTP.

import { chmod, chown, type FileHandle, lchown, lutimes, truncate, utimes } from 'node:fs/promises'
import type { Attributes } from './packets.ts'

const permissionBits = 0o7777

/** @param target a path or an open file */
export async function setAttributes(
  target: Buffer | FileHandle,
  { size, owner, mode, times }: Attributes,
): Promise<void> {
  const file = Buffer.isBuffer(target) ? pathOperations(target) : target
  if (size !== undefined) await file.truncate(size)
  if (mode !== undefined) await file.chmod(mode & permissionBits)
  if (owner) await file.chown(owner.uid, owner.gid)
  if (times) await file.utimes(times.accessed, times.modified)
}

const pathOperations = (path: Buffer): Pick<FileHandle, 'truncate' | 'chmod' | 'chown' | 'utimes'> => ({
  truncate: (size) => truncate(path, size),
  chmod: (mode) => chmod(path, mode),
  chown: (uid, gid) => chown(path, uid, gid),
  utimes: (accessed, modified) => utimes(path, accessed, modified),
})

/** Of a link itself. Its permissions cannot be changed on Linux. */
export async function setLinkAttributes(path: Buffer, { owner, times }: Attributes): Promise<void> {
  if (owner) await lchown(path, owner.uid, owner.gid)
  if (times) await lutimes(path, times.accessed, times.modified)
}
