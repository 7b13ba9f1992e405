// Output of a container without a terminal: frames with a header of 8 bytes, whose first is the stream and whose last four
// are the length.

import { Transform } from 'node:stream'

const headerBytes = 8
const standardError = 2

/** The text of both streams in order. @param output without a terminal, as from /logs and /attach */
export function readOutputFrames(output: Buffer): string {
  const parts: Buffer[] = []
  for (let at = 0; at + headerBytes <= output.length; ) {
    const end = at + headerBytes + output.readUInt32BE(at + 4)
    parts.push(output.subarray(at + headerBytes, end))
    at = end
  }
  return Buffer.concat(parts).toString()
}

/** Passes standard output on as it arrives. @param onError called with the text of standard error */
export function createOutputReader(onError: (text: string) => void): Transform {
  let header = Buffer.alloc(0)
  let stream = 0
  let remaining = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; ) {
        if (remaining === 0) {
          const part = chunk.subarray(at, at + headerBytes - header.length)
          header = Buffer.concat([header, part])
          at += part.length
          if (header.length < headerBytes) break
          stream = header.readUInt8(0)
          remaining = header.readUInt32BE(4)
          header = Buffer.alloc(0)
        } else {
          const payload = chunk.subarray(at, at + remaining)
          at += payload.length
          remaining -= payload.length
          if (stream === standardError) onError(payload.toString())
          else this.push(payload)
        }
      }
      done()
    },
  })
}
