// Closes the files that came with the process from whoever started it. Electron's open files are inherited by every
// child on Linux; a coderd that outlives the window would keep its profile locked, its helper processes alive and the
// pipes open on which others wait for its end. On other systems Node passes on only what was named.

import { closeSync, readdirSync, readlinkSync } from 'node:fs'

// stdin, stdout, stderr and the IPC channel: named by the starter.
const lastNamedFd = 3

/** To be called before anything is opened: what the starter has open too is its own. */
export function closeInheritedFiles(): void {
  if (process.platform !== 'linux') return
  const ofStarter = new Set(openFiles(process.ppid).map(({ file }) => file))
  for (const { fd, file } of openFiles(process.pid)) {
    if (fd > lastNamedFd && isUnique(file) && ofStarter.has(file)) closeSync(fd)
  }
}

/** Sockets and pipes carry their number, files their path; event queues and devices are called the same everywhere. */
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
    return [] // the starter has ended, or belongs to somebody else
  }
}

/** Null for the descriptor that listed the folder: it is closed by now. */
function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
