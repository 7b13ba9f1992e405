// Puts the text messages of a server's WebSocket together from the bytes it writes: unmasked, uncompressed frames.

/** @returns takes bytes as they come, and calls `heard` with every text message that they complete */
export function readFrames(heard: (text: string) => void): (bytes: Buffer) => void {
  let pending = Buffer.alloc(0)
  let fragments: Buffer[] = []
  let isText = false
  return (bytes) => {
    pending = Buffer.concat([pending, bytes])
    for (let frame = firstFrame(pending); frame; frame = firstFrame(pending)) {
      pending = pending.subarray(frame.length)
      if (frame.opcode >= 8) continue // close, ping, pong
      if (frame.opcode !== 0) isText = frame.opcode === 1
      fragments.push(frame.payload)
      if (!frame.isFinal) continue
      if (isText) heard(Buffer.concat(fragments).toString())
      fragments = []
    }
  }
}

function firstFrame(bytes: Buffer) {
  if (bytes.length < 2) return null
  const short = bytes.readUInt8(1) & 127
  const head = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < head) return null
  const size = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < head + size) return null
  const first = bytes.readUInt8(0)
  const payload = bytes.subarray(head, head + size)
  return { isFinal: first >= 128, opcode: first & 15, payload, length: head + size }
}
