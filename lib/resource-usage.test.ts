import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { containerMemory, diskUsage, hostMemory } from './resource-usage.ts'

test('the used memory and disk are positive and at most the total', () => {
  const memory = hostMemory()
  expect(memory.total).toBe(totalmem())
  const disk = diskUsage(tmpdir())
  for (const { used, total } of [memory, disk]) {
    expect(used).toBeGreaterThan(0)
    expect(used).toBeLessThanOrEqual(total ?? 0)
  }
  expect(() => diskUsage(join(tmpdir(), 'nothing', 'here'))).toThrow('ENOENT')
})

test('a container has its own memory usage, without caches', () => {
  const group = mkdtempSync(join(tmpdir(), 'control-group-'))
  const write = (file: string, text: string) => writeFileSync(join(group, file), `${text}\n`)
  expect(containerMemory(group)).toBeNull()
  write('memory.current', '5000')
  write('memory.stat', 'anon 3000\ninactive_file 1500\nactive_file 500')
  write('memory.max', 'max')
  write('cpu.max', 'max 100000')
  expect(containerMemory(group)).toEqual({ used: 3500, total: null })
  write('memory.max', '8000')
  expect(containerMemory(group)).toEqual({ used: 3500, total: 8000 })
  rmSync(group, { recursive: true })
})
