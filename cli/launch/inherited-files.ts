// Closes file descriptors inherited from the parent process. On Linux, every child inherits Electron's open files: a coderd
// that outlives the window would keep Electron's profile locked, its helper processes alive and its pipes open. On other
// systems Node passes only the named descriptors.

import { closeSync, readdirSync, readlinkSync } from 'node:fs'

// stdin, stdout, stderr and the IPC channel, which the parent passes on purpose.
const lastNamedFd = 3

/** Must be called before the process opens files: it closes those that the parent has open too. */
export function closeInheritedFiles(): void {
  if (process.platform !== 'linux') return
  const ofParent = new Set(openFiles(process.ppid).map(({ file }) => file))
  for (const { fd, file } of openFiles(process.pid)) {
    if (fd > lastNamedFd && isUnique(file) && ofParent.has(file)) closeSync(fd)
  }
}

/** Links of sockets and pipes contain an inode number, links of files their path; event queues and devices share a name. */
const isUnique = (file: string) =>
  !file.startsWith('anon_inode:') && !(file.startsWith('/dev/') && !file.startsWith('/dev/shm/'))

function openFiles(pid: number): { fd: number; file: string }[] {
  try {
    const folder = `/proc/${pid}/fd`
    return readdirSync(folder).flatMap((name) => {
      const file = linkTarget(`${folder}/${name}`)
      return file === null ? [] : [{ fd: Number(name), file }]
    })
  } catch {
    return [] // the parent has exited, or belongs to another user
  }
}

/** Null for the descriptor that listed the folder, which is closed by now. */
function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
