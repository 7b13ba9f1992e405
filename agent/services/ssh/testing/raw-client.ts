// An SSH client that sends arbitrary packets after authentication, for tests of malformed ones.

import ssh2 from 'ssh2'

interface ClientInternals {
  readonly _protocol: {
    readonly _cipher: { encrypt(packet: Buffer): void }
    readonly _packetRW: {
      readonly write: { allocStart: number; alloc(bytes: number): Buffer; finalize(packet: Buffer): Buffer }
    }
  }
}

/** Sends the payloads of packets and disconnects. Resolves when the connection is closed. */
export function sendPackets(port: number, payloads: readonly Buffer[]): Promise<void> {
  const client = new ssh2.Client()
  const { promise, resolve } = Promise.withResolvers<void>()
  client.on('error', () => undefined)
  client.on('close', () => resolve())
  client.on('ready', () => {
    for (const payload of payloads) sendPacket(client, payload)
    client.end()
  })
  client.connect({ host: '127.0.0.1', port, username: 'any', password: 'any' })
  return promise
}

function sendPacket(client: ssh2.Client, payload: Buffer): void {
  const { _cipher, _packetRW } = (client as unknown as ClientInternals)._protocol
  const packet = _packetRW.write.alloc(payload.length)
  packet.set(payload, _packetRW.write.allocStart)
  _cipher.encrypt(_packetRW.write.finalize(packet))
}

export type Field = string | number | boolean | Buffer

/** Encodes a payload: texts with their length, numbers with four bytes, buffers as they are. */
export const packet = (type: number, ...fields: readonly Field[]): Buffer =>
  Buffer.concat([Buffer.from([type]), ...fields.map(encodeField)])

function encodeField(field: Field): Buffer {
  if (Buffer.isBuffer(field)) return field
  if (typeof field === 'boolean') return Buffer.from([field ? 1 : 0])
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(typeof field === 'number' ? field : Buffer.byteLength(field))
  return typeof field === 'number' ? bytes : Buffer.concat([bytes, Buffer.from(field)])
}
