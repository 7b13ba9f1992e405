import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createScreen } from '../screen/screen.ts'
import { Recorder } from './recorder.ts'
import { readSavedScreen } from './session-files.ts'

const size = { cols: 80, rows: 24 }
const afterAllRest = 60_000

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'coder-local-recorder-'))
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(parent, { recursive: true })
})

/** Writing into the folder fails until it is given back, as on a disk that is full. */
function takeAway(folder: string): () => void {
  renameSync(folder, `${folder}-away`)
  writeFileSync(folder, '')
  return () => {
    rmSync(folder)
    renameSync(`${folder}-away`, folder)
  }
}

test('what could not be written down is there again once it can, as one checkpoint and what followed it', async () => {
  const folder = join(parent, 'session')
  const troubles: string[] = []
  const recorder = new Recorder(folder, { lines: 100 }, ({ message }) => troubles.push(message))
  recorder.output(Buffer.from('first'))
  await recorder.flush()

  const giveBack = takeAway(folder)
  recorder.beginCheckpoint(size)([Buffer.from('never written')])
  recorder.output(Buffer.from('lost'))
  await recorder.flush()
  recorder.output(Buffer.from('lost too'))
  await recorder.flush()
  expect([troubles.length, recorder.wantsCheckpoint]).toEqual([1, false])

  giveBack()
  vi.setSystemTime(Date.now() + afterAllRest)
  // Without what came before it, this would be drawn in the wrong place.
  recorder.output(Buffer.from('after the gap'))
  await recorder.flush()
  expect((await readSavedScreen(folder)).records.map(String)).toEqual(['first'])

  expect(recorder.wantsCheckpoint).toBe(true)
  recorder.beginCheckpoint(size)([Buffer.from('all of the screen')])
  recorder.output(Buffer.from('and on'))
  await recorder.close()
  const saved = await readSavedScreen(folder)
  expect(String(saved.checkpoint)).toBe('all of the screen')
  expect(saved.records.map(String)).toEqual(['and on'])
  expect(troubles.length).toBe(1)
})

test('output that comes in many small pieces is not written down piece by piece', async () => {
  const folder = join(parent, 'pieces')
  const recorder = new Recorder(folder, { lines: 100 }, (error) => expect.fail(error.message))
  const screen = createScreen(size, { recorder, onAnswer: () => undefined, onCommand: () => undefined })
  const pieces = Array.from({ length: 1_000 }, (_, count) => `${count}\r\n`)
  for (const piece of pieces) screen.feed(Buffer.from(piece))
  ;(await screen.hold()).release()
  await recorder.close()
  screen.close()
  const { records } = await readSavedScreen(folder)
  const output = records.filter(Buffer.isBuffer)
  expect(Buffer.concat(output).toString()).toBe(pieces.join(''))
  expect(output.length).toBeLessThan(10)
})
