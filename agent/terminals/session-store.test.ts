import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openSessionStore } from './session-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'coder-local-session-store-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('stale folders are removed even while another process removes them', async () => {
  const stale = Array.from({ length: 50 }, (_, number) => join(folder, `stale-${number}`))
  const longAgo = new Date(Date.now() - 3 * 24 * 60 * 60_000)
  for (const path of [...stale, join(folder, 'young')]) mkdirSync(path)
  for (const path of stale) utimesSync(path, longAgo, longAgo)
  const opening = openSessionStore(join(folder, 'own'), { kept_lines: 100, kept_days: 1 }, (message) =>
    expect.fail(message),
  )
  // After the folders were listed, before the last of them is checked.
  while (existsSync(stale[0] as string)) await new Promise((resolve) => setImmediate(resolve))
  for (const path of stale.slice(10)) rmSync(path, { recursive: true, force: true })
  const store = await opening
  store?.close()
  expect(store).toBeDefined()
  expect([...stale, join(folder, 'young'), join(folder, 'own')].filter((path) => existsSync(path))).toEqual([
    join(folder, 'young'),
    join(folder, 'own'),
  ])
})
