import { expect, test } from 'vitest'
import { coderVersion } from '../../lib/version.ts'
import { describeOfficialCli, officialCoder, readTable } from './official-coder.ts'

test("in CI, Coder's command line is available", () => {
  if (process.env.CI)
    expect(officialCoder, 'Run .ci/official-client.sh, or set CODER_LOCAL_OFFICIAL_CODER to the program.').toBeDefined()
})

test('a table is parsed by its headings, including empty cells', () => {
  expect(readTable('NAME  LAST SEEN  STATUS\nada              active\nbob   today\n')).toEqual([
    { NAME: 'ada', 'LAST SEEN': '', STATUS: 'active' },
    { NAME: 'bob', 'LAST SEEN': 'today', STATUS: '' },
  ])
})

describeOfficialCli("Coder's command line", ({ run }) => {
  test('has the version that coderd reports as compatible, so that it prints no warning', async () => {
    expect((await run(['version'])).stdout).toContain(coderVersion)
    expect(await run(['whoami'])).toMatchObject({ status: 0, stderr: '' })
  })
})
