import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { hasTestElectronPackage } from './test-electron.mjs'

const run = promisify(execFile)
const limitMs = 180_000

test('a package carries all that its server needs to answer', { timeout: limitMs }, async (context) => {
  if (!hasTestElectronPackage) context.skip('there is no Electron for tests on this platform to package with')
  await run(process.execPath, ['scripts/package.mjs', '--stand-in'])
  const { stdout } = await run(process.execPath, ['scripts/smoke-package.mjs'])
  expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({
    version: expect.stringMatching(/^v2\.30\./),
  })
})
