// Decodes the text messages in the bytes that a server writes to a WebSocket: unmasked, uncompressed frames.

/** @returns a function that accepts received bytes and calls `onMessage` with each completed text message */
export function createMessageReader(onMessage: (text: string) => void): (bytes: Buffer) => void {
  let pending = Buffer.alloc(0)
  let fragments: Buffer[] = []
  let isText = false
  return (bytes) => {
    pending = Buffer.concat([pending, bytes])
    for (let frame = parseFrame(pending); frame; frame = parseFrame(pending)) {
      pending = pending.subarray(frame.length)
      if (frame.opcode >= 8) continue // close, ping, pong
      if (frame.opcode !== 0) isText = frame.opcode === 1
      fragments.push(frame.payload)
      if (!frame.isFinal) continue
      if (isText) onMessage(Buffer.concat(fragments).toString())
      fragments = []
    }
  }
}

/** The first frame, or null while it is incomplete. */
function parseFrame(bytes: Buffer) {
  if (bytes.length < 2) return null
  const shortSize = bytes.readUInt8(1) & 127
  const headerLength = shortSize === 126 ? 4 : shortSize === 127 ? 10 : 2
  if (bytes.length < headerLength) return null
  const size =
    shortSize === 126 ? bytes.readUInt16BE(2) : shortSize === 127 ? Number(bytes.readBigUInt64BE(2)) : shortSize
  if (bytes.length < headerLength + size) return null
  const first = bytes.readUInt8(0)
  const payload = bytes.subarray(headerLength, headerLength + size)
  return { isFinal: first >= 128, opcode: first & 15, payload, length: headerLength + size }
}
