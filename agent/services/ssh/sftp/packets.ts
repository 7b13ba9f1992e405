// Encoding of SFTP version 3 (draft-ietf-secsh-filexfer-02) without its framing, which lib/length-prefixed.ts has. Names are
// bytes, because file names need not be valid UTF-8.

export const requests = {
  init: 1,
  open: 3,
  close: 4,
  read: 5,
  write: 6,
  lstat: 7,
  fstat: 8,
  setstat: 9,
  fsetstat: 10,
  opendir: 11,
  readdir: 12,
  remove: 13,
  mkdir: 14,
  rmdir: 15,
  realpath: 16,
  stat: 17,
  rename: 18,
  readlink: 19,
  symlink: 20,
  extended: 200,
} as const

export const responses = {
  version: 2,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extended: 201,
} as const

export const statusCodes = {
  ok: 0,
  endOfFile: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  unsupported: 8,
} as const

/** Attributes of a file; absent ones are not sent, or not changed. Times are in seconds. */
export interface Attributes {
  readonly size?: number
  readonly owner?: { readonly uid: number; readonly gid: number }
  readonly mode?: number
  readonly times?: { readonly accessed: number; readonly modified: number }
}

const attributeFlags = { size: 1, owner: 2, mode: 4, times: 8, extended: 0x80000000 } as const

/** Reads the fields of a packet in order. @throws RangeError at its end */
export class PacketReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#advance(1))
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#advance(4))
  }

  uint64(): number {
    return Number(this.#bytes.readBigUInt64BE(this.#advance(8)))
  }

  /** A view of the packet. */
  string(): Buffer {
    const length = this.uint32()
    const start = this.#advance(length)
    return this.#bytes.subarray(start, start + length)
  }

  attributes(): Attributes {
    const flags = this.uint32()
    const has = (flag: number) => (flags & flag) !== 0
    return {
      ...(has(attributeFlags.size) && { size: this.uint64() }),
      ...(has(attributeFlags.owner) && { owner: { uid: this.uint32(), gid: this.uint32() } }),
      ...(has(attributeFlags.mode) && { mode: this.uint32() }),
      ...(has(attributeFlags.times) && { times: { accessed: this.uint32(), modified: this.uint32() } }),
    }
  }

  #advance(length: number): number {
    const start = this.#at
    if (start + length > this.#bytes.length) throw new RangeError('The packet is too short.')
    this.#at += length
    return start
  }
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

export function uint64(value: bigint | number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export function string(value: string | Uint8Array): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([uint32(bytes.length), bytes])
}

export function encodeAttributes({ size, owner, mode, times }: Attributes): Buffer {
  const parts: Buffer[] = []
  let flags = 0
  if (size !== undefined) {
    flags |= attributeFlags.size
    parts.push(uint64(size))
  }
  if (owner) {
    flags |= attributeFlags.owner
    parts.push(uint32(owner.uid), uint32(owner.gid))
  }
  if (mode !== undefined) {
    flags |= attributeFlags.mode
    parts.push(uint32(mode))
  }
  if (times) {
    flags |= attributeFlags.times
    parts.push(uint32(times.accessed), uint32(times.modified))
  }
  return Buffer.concat([uint32(flags), ...parts])
}

/** A response with the id of its request. */
export const response = (type: number, id: number, ...fields: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([type]), uint32(id), ...fields])

/** A `data` response with its frame, in one allocation: the reply to most requests of a download. */
export function dataFrame(id: number, length: number): { frame: Buffer; data: Buffer } {
  const headerBytes = 13
  const frame = Buffer.allocUnsafe(headerBytes + length)
  frame.writeUInt32BE(headerBytes - 4 + length, 0)
  frame.writeUInt8(responses.data, 4)
  frame.writeUInt32BE(id, 5)
  frame.writeUInt32BE(length, 9)
  return { frame, data: frame.subarray(headerBytes) }
}
