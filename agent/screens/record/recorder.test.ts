import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createScreen } from '../screen/screen.ts'
import { Recorder } from './recorder.ts'
import { readSavedScreen } from './session-files.ts'

const size = { cols: 80, rows: 24 }
const longerThanBackoffMs = 60_000

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'coder-local-recorder-'))
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(parent, { recursive: true })
})

/** Makes writes fail, as on a full disk. @returns a function that restores the folder */
function breakFolder(folder: string): () => void {
  renameSync(folder, `${folder}-away`)
  writeFileSync(folder, '')
  return () => {
    rmSync(folder)
    renameSync(`${folder}-away`, folder)
  }
}

test('after failed writes, recording resumes with a checkpoint and the output after it', async () => {
  const folder = join(parent, 'session')
  const errors: string[] = []
  const recorder = new Recorder(folder, { lines: 100 }, ({ message }) => errors.push(message))
  recorder.output(Buffer.from('first'))
  await recorder.flush()

  const restoreFolder = breakFolder(folder)
  recorder.beginCheckpoint(size)([Buffer.from('never written')])
  recorder.output(Buffer.from('lost'))
  await recorder.flush()
  recorder.output(Buffer.from('lost too'))
  await recorder.flush()
  expect([errors.length, recorder.wantsCheckpoint]).toEqual([1, false])

  restoreFolder()
  vi.setSystemTime(Date.now() + longerThanBackoffMs)
  // Without the lost output, this would be drawn at the wrong position.
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
  expect(errors.length).toBe(1)
})

test('many small pieces of output are recorded in few records', async () => {
  const folder = join(parent, 'pieces')
  const recorder = new Recorder(folder, { lines: 100 }, (error) => expect.fail(error.message))
  const screen = createScreen(size, { recorder, onReply: () => undefined, onCommand: () => undefined })
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
