// Every case has the outcome of HCL's own hcldec, which the cases record. If HCL's programs are installed, the recording is
// checked too, and HCL's test suite runs against our program.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { callInProcess } from '../../lib/testing/call-in-process.ts'
import { requires } from '../../lib/testing/requirements.ts'
import { findHcl, readCases, runOurs, runReal } from './case-file.ts'
import { runHcldec } from './run.ts'

const cases = readCases()
const hcl = findHcl()
const ourProgram = join(import.meta.dirname, '../../scripts/hcldec')

test("HCL's own programs are installed in CI", () => {
  if (process.env.CI) expect(hcl, 'Run .ci/hcl.sh.').toBeDefined()
})

test(`all ${cases.length} cases have the recorded outcomes`, () => {
  const outcomes = runOurs(cases)
  expect(cases.map((hcldecCase, index) => ({ ...hcldecCase, outcome: outcomes[index] }))).toEqual(cases)
})

test("HCL's hcldec has the recorded outcomes", { timeout: 120_000, ...requires('hcldec') }, async () => {
  const caseFile = new URL('./case-file.ts', import.meta.url)
  const outcomes = await callInProcess(caseFile, runReal, hcl?.hcldec ?? '', cases)
  expect(cases.map((hcldecCase, index) => ({ ...hcldecCase, outcome: outcomes[index] }))).toEqual(cases)
})

test("passes HCL's test suite", { timeout: 120_000, ...requires('hcldec') }, () => {
  const { status, stderr } = spawnSync(hcl?.hclspecsuite ?? '', [hcl?.suite ?? '', ourProgram], { encoding: 'utf8' })
  expect({ status, stderr: stderr.trim() }).toEqual({ status: 0, stderr: '' })
})

test('flags are accepted in all forms', () => {
  const run = (...args: string[]) => runHcldec(args, () => Buffer.from('a = 1\n'))
  const spec = join(import.meta.dirname, 'cases/specs/object.hcldec')
  const plain = { status: 0, stdout: '{"a":1}\n', stderr: '' }
  for (const args of [[`--spec=${spec}`], ['--spec', spec], ['-s', spec], [`-s${spec}`], [`-s=${spec}`]]) {
    expect(run(...args)).toEqual(plain)
  }
  expect(run('--with-type=false', '-s', spec)).toEqual(plain)
  expect(run('-v')).toEqual({ status: 0, stdout: '0.0.1-dev\n', stderr: '' })
  expect(run().stderr).toContain('--spec=... argument is required')
  expect([run('--help').status, run('--nope').status, run().status]).toEqual([2, 2, 1])
})

test('the script runs from a checkout and reads stdin', () => {
  const spec = join(import.meta.dirname, 'cases/specs/object.hcldec')
  const { stdout } = spawnSync(ourProgram, ['-s', spec], { input: 'a = "${1 + 1}"\n', encoding: 'utf8' })
  expect(stdout).toBe('{"a":2}\n')
})
