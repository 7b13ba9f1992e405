// Message framing on byte streams: [length u32 big-endian][payload]. Used between agent and coderd; payloads are
// opaque.

import type { Readable } from 'node:stream'

export const prefixBytes = 4

/** Encodes one message. */
export function prefixed(payload: Uint8Array): Buffer {
  const message = Buffer.allocUnsafe(prefixBytes + payload.length)
  message.set(payload, prefixBytes)
  writePrefix(message)
  return message
}

/** Writes the length into the reserved first bytes of a message. */
export function writePrefix(message: Uint8Array): void {
  new DataView(message.buffer, message.byteOffset).setUint32(0, message.length - prefixBytes)
}

/**
 * Accepts chunks and calls `onMessage` with complete payloads. A payload that arrived in one chunk is a view
 * of that chunk and has its lifetime.
 * @throws RangeError, from the returned function, for a length above `maxBytes`.
 */
export function messageReader(maxBytes: number, onMessage: (payload: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let bufferedBytes = 0
  let requiredBytes = prefixBytes

  function readComplete(bytes: Buffer): Buffer {
    let at = 0
    while (bytes.length - at >= prefixBytes) {
      const length = bytes.readUInt32BE(at)
      if (length > maxBytes) throw new RangeError(`A message of ${length} bytes; at most ${maxBytes} are accepted.`)
      const end = at + prefixBytes + length
      if (end > bytes.length) {
        requiredBytes = prefixBytes + length
        return bytes.subarray(at)
      }
      onMessage(bytes.subarray(at + prefixBytes, end))
      at = end
    }
    requiredBytes = prefixBytes
    return bytes.subarray(at)
  }

  return (chunk) => {
    if (bufferedBytes > 0 && bufferedBytes + chunk.length < requiredBytes) {
      parts.push(chunk)
      bufferedBytes += chunk.length
      return
    }
    const bytes = bufferedBytes > 0 ? Buffer.concat([...parts, chunk]) : chunk
    const rest = readComplete(bytes)
    parts = rest.length > 0 ? [rest] : []
    bufferedBytes = rest.length
  }
}

/** Reads exactly one message from a stream that has no other reader; the bytes after it stay in the stream.
 *  @throws Error if the stream ends before, or the message is longer than `maxBytes` */
export function readMessage(stream: Readable, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let length: number | undefined
    const finish = (settle: () => void) => {
      stream.off('readable', read).off('end', fail).off('close', fail)
      settle()
    }
    const fail = () => finish(() => reject(new Error('The connection was closed before a message was complete.')))
    const read = () => {
      length ??= (stream.read(prefixBytes) as Buffer | null)?.readUInt32BE(0)
      if (length === undefined) return
      if (length > maxBytes) {
        finish(() => reject(new RangeError(`A message of ${length} bytes; at most ${maxBytes} are accepted.`)))
        return
      }
      const payload = length === 0 ? Buffer.alloc(0) : (stream.read(length) as Buffer | null)
      if (payload) finish(() => resolve(payload))
    }
    stream.on('readable', read).on('end', fail).on('close', fail)
    if (stream.destroyed || stream.readableEnded) fail()
    else read()
  })
}
