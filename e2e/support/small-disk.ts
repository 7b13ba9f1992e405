// A disk that is soon full: a file system in memory, mounted by root.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../server/testing/scenes.ts'

/** What is missing for such a disk; undefined when it can be had. */
export function findMissingForSmallDisk(): string | undefined {
  if (process.platform !== 'linux') return 'a small disk is made with the tmpfs of Linux'
  if (process.getuid?.() !== 0) return 'only root may mount a small disk'
  return undefined
}

/** @param size as mount takes it: `8m` */
export async function mountSmallDisk(size: string): Promise<{ folder: string; unmount(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-small-disk-'))
  run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder)
  return {
    folder,
    async unmount() {
      // A process that was killed has its files for a moment more.
      await until('the disk to be used by nobody', () => tryToRun('umount', folder) === undefined)
      rmdirSync(folder)
    },
  }
}

function run(program: string, ...args: string[]): void {
  const trouble = tryToRun(program, ...args)
  if (trouble) throw new Error(trouble)
}

/** @returns what went wrong; undefined when nothing did */
function tryToRun(program: string, ...args: string[]): string | undefined {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? undefined : `${program} ${args.join(' ')}: ${stderr}`
}
