// Records a terminal into an asciicast file.

import { createWriteStream, openSync } from 'node:fs'
import { type CastWriter, createCastWriter } from '../../lib/asciicast.ts'
import { CommandError } from '../output/errors.ts'

export interface Recording {
  readonly writer: CastWriter
  /** @throws CommandError when a write has failed */
  close(): Promise<void>
}

/** @throws CommandError when the file cannot be opened, before the terminal starts. */
export function openRecording(path: string, title: string, size: { cols: number; rows: number }): Recording {
  const writeError = (error: Error) =>
    new CommandError(`Could not write the recording to ${path}.`, { detail: error.message })
  const file = createWriteStream('', { fd: openForWriting(path, writeError) })
  let failure: Error | undefined
  file.on('error', (error) => {
    failure = error
  })
  const header = { ...size, title, recordedAt: Date.now() }
  return {
    writer: createCastWriter(
      header,
      () => performance.now(),
      (line) => void file.write(line),
    ),
    async close() {
      if (!failure) await new Promise((resolve) => file.end(resolve))
      if (failure) throw writeError(failure)
    },
  }
}

function openForWriting(path: string, writeError: (error: Error) => CommandError): number {
  try {
    return openSync(path, 'w', 0o600)
  } catch (error) {
    throw writeError(error as Error)
  }
}
