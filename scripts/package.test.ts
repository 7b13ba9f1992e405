import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { hasTestElectronPackage } from './test-electron.mjs'

const run = promisify(execFile)
const limitMs = 180_000

test('a package contains everything that its server needs to respond', { timeout: limitMs }, async (context) => {
  if (!hasTestElectronPackage) context.skip('no Electron for tests is available on this platform')
  await run(process.execPath, ['scripts/package.mjs', '--stub-electron'])
  const { stdout } = await run(process.execPath, ['scripts/smoke-package.mjs'])
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    version: expect.stringMatching(/^v2\.30\./),
  })
})
