// A small disk for tests of full disks: a tmpfs, which only root can mount.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../server/testing/workspace-fixtures.ts'

/** The reason why no small disk can be mounted; undefined when it can. */
export function explainMissingSmallDisk(): string | undefined {
  if (process.platform !== 'linux') return 'A small disk needs the tmpfs of Linux.'
  if (process.getuid?.() !== 0) return 'Only root can mount a small disk.'
  return undefined
}

/** @param size in the format of mount, for example `8m` */
export async function mountSmallDisk(size: string): Promise<{ folder: string; unmount(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'coder-local-small-disk-'))
  run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder)
  return {
    folder,
    async unmount() {
      // A killed process holds its files open for a moment.
      await until('the disk to be unused', () => tryToRun('umount', folder) === undefined)
      rmdirSync(folder)
    },
  }
}

function run(program: string, ...args: string[]): void {
  const problem = tryToRun(program, ...args)
  if (problem) throw new Error(problem)
}

/** @returns an error message; undefined on success */
function tryToRun(program: string, ...args: string[]): string | undefined {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? undefined : `${program} ${args.join(' ')}: ${stderr}`
}
