import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openSessionStore } from './session-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'coder-local-keeping-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('forsaken folders are taken away, also where somebody else is at the same', async () => {
  const forsaken = Array.from({ length: 50 }, (_, number) => join(folder, `gone-${number}`))
  const longAgo = new Date(Date.now() - 3 * 24 * 60 * 60_000)
  for (const path of [...forsaken, join(folder, 'young')]) mkdirSync(path)
  for (const path of forsaken) utimesSync(path, longAgo, longAgo)
  const opening = openSessionStore(join(folder, 'own'), { kept_lines: 100, kept_days: 1 }, (trouble) =>
    expect.fail(trouble),
  )
  // After the folders were listed and before the last of them is looked at.
  while (existsSync(forsaken[0] as string)) await new Promise((resolve) => setImmediate(resolve))
  for (const path of forsaken.slice(10)) rmSync(path, { recursive: true, force: true })
  const keeping = await opening
  keeping?.close()
  expect(keeping).toBeDefined()
  expect([...forsaken, join(folder, 'young'), join(folder, 'own')].filter((path) => existsSync(path))).toEqual([
    join(folder, 'young'),
    join(folder, 'own'),
  ])
})
