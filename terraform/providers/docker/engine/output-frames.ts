// Output of a container without a terminal: frames with a header of 8 bytes, whose first is the stream and whose last four
// are the length.

const headerBytes = 8

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
