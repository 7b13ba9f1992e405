// Decodes source files so that encoding restores the same bytes, even invalid UTF-8: an invalid byte becomes a lone low
// surrogate, which well-formed text never contains (Python calls this "surrogateescape").

import { isUtf8 } from 'node:buffer'

const firstEscape = 0xdc00

export function decodeText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const end = at + lengthOfCharacter(bytes, at)
    text += end > at ? bytes.toString('utf8', at, end) : String.fromCharCode(firstEscape + (bytes[at] as number))
    at = Math.max(end, at + 1)
  }
  return text
}

/** 0 if no valid character starts here. */
function lengthOfCharacter(bytes: Buffer, at: number): number {
  const first = bytes[at] as number
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0
}

const escapedByte = /[\udc80-\udcff]/u

export function encodeText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text)
  return Buffer.concat(
    [...text].map((character) =>
      escapedByte.test(character) ? Buffer.of(character.charCodeAt(0) & 0xff) : Buffer.from(character),
    ),
  )
}

export function byteLength(text: string): number {
  const length = Buffer.byteLength(text)
  // Node.js counts an escaped byte as three.
  return text.isWellFormed() ? length : length - 2 * [...text].filter((character) => escapedByte.test(character)).length
}
