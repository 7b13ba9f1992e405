import { existsSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { containerMemory, diskUsage, hostMemory } from './resource-usage.ts'

test('memory and disk are in use, and not more of them than there is', () => {
  const memory = hostMemory()
  expect(memory.total).toBe(totalmem())
  const disk = diskUsage(tmpdir())
  for (const { used, total } of [memory, disk]) {
    expect(used).toBeGreaterThan(0)
    expect(used).toBeLessThanOrEqual(total ?? 0)
  }
  expect(() => diskUsage(join(tmpdir(), 'nothing', 'here'))).toThrow('ENOENT')
})

test('a container tells its own memory', (context) => {
  if (!existsSync('/sys/fs/cgroup/memory.current')) context.skip('not in a container with control groups of version 2')
  expect(containerMemory()?.used).toBeGreaterThan(0)
})
