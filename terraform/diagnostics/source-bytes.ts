// Text read from bytes and written back to the very same, also where the bytes are no UTF-8: such a byte becomes half of a
// surrogate pair, which no proper text holds.

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

/** 0 for a byte that begins no character. */
function lengthOfCharacter(bytes: Buffer, at: number): number {
  const first = bytes[at] as number
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0
}

const escapedByte = /[\udc80-\udcff]/u

export function encodeText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text)
  return Buffer.concat(
    [...text].map((sign) => (escapedByte.test(sign) ? Buffer.of(sign.charCodeAt(0) & 0xff) : Buffer.from(sign))),
  )
}

export function byteLength(text: string): number {
  const length = Buffer.byteLength(text)
  // A stand-in would take three bytes.
  return text.isWellFormed() ? length : length - 2 * [...text].filter((sign) => escapedByte.test(sign)).length
}
