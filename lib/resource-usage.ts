// Memory and disk usage in bytes, of the computer and of the current container.

import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'

export interface ResourceUsage {
  readonly used: number
  /** Null without a limit. */
  readonly total: number | null
}

export function hostMemory(): ResourceUsage {
  return { used: totalmem() - freeMemory(), total: totalmem() }
}

/** Excludes the page cache, which Linux counts as used. */
function freeMemory(): number {
  if (process.platform !== 'linux') return freemem()
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return available ? Number(available) * 1024 : freemem()
}

const cgroup = '/sys/fs/cgroup'

/** The root of the cgroup hierarchy has limit files in a container, but not on the host. */
export const isInContainer = (folder = cgroup): boolean =>
  existsSync(`${folder}/memory.current`) && existsSync(`${folder}/cpu.max`)

/** A file of the container's cgroup. */
export const readCgroupFile = (file: string, folder = cgroup): string =>
  readFileSync(`${folder}/${file}`, 'utf8').trim()

/** Null outside of containers. Excludes caches. */
export function containerMemory(folder = cgroup): ResourceUsage | null {
  if (!isInContainer(folder)) return null
  const limit = readCgroupFile('memory.max', folder)
  const cached = Number(/^inactive_file (\d+)$/m.exec(readCgroupFile('memory.stat', folder))?.[1] ?? 0)
  const used = Math.max(0, Number(readCgroupFile('memory.current', folder)) - cached)
  return { used, total: limit === 'max' ? null : Number(limit) }
}

/** Usage of the whole file system, including space reserved for root. @throws Error for a missing path. */
export function diskUsage(path: string): ResourceUsage & { readonly total: number } {
  const { blocks, bfree, bsize } = statfsSync(path)
  return { used: (blocks - bfree) * bsize, total: blocks * bsize }
}
