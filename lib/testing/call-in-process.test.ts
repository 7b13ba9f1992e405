import { expect, test } from 'vitest'
import { add, exit, fail, processId } from './call-in-process.fixture.ts'
import { callInProcess } from './call-in-process.ts'

const fixture = new URL('./call-in-process.fixture.ts', import.meta.url)

test('the function runs in another process with copied arguments', async () => {
  expect(await callInProcess(fixture, add, 1n, 2n)).toBe(3n)
  expect(await callInProcess(fixture, processId)).not.toBe(process.pid)
})

test('an error of the function is thrown with its stack', async () => {
  await expect(callInProcess(fixture, fail)).rejects.toThrow(/No disk[\s\S]*call-in-process\.fixture\.ts/)
})

test('the exit of the process is an error', async () => {
  await expect(callInProcess(fixture, exit)).rejects.toThrow('The process ended: 3.')
})
