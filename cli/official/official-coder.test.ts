import { expect, test } from 'vitest'
import { coderVersion } from '../../lib/version.ts'
import { describeOfficialCli, officialCoder, readTable } from './official-coder.ts'

test("Coder's command line is there to be driven, where it must be", () => {
  if (process.env.CI)
    expect(
      officialCoder,
      'Run .ci/official-client.sh, or name the program with CODER_LOCAL_OFFICIAL_CODER.',
    ).toBeDefined()
})

test('a table is read by its headings, with empty cells', () => {
  expect(readTable('NAME  LAST SEEN  STATUS\nada              active\nbob   today\n')).toEqual([
    { NAME: 'ada', 'LAST SEEN': '', STATUS: 'active' },
    { NAME: 'bob', 'LAST SEEN': 'today', STATUS: '' },
  ])
})

describeOfficialCli("Coder's command line", ({ run }) => {
  test('is of the version that our coderd stdoutOf it is compatible with, so that nobody is warned', async () => {
    expect((await run(['version'])).stdout).toContain(coderVersion)
    expect(await run(['whoami'])).toMatchObject({ status: 0, stderr: '' })
  })
})
