// Datagrams on byte streams, one message each (lib/length-prefixed). Like a network, drops datagrams that the stream cannot
// carry fast enough.

import type { Writable } from 'node:stream'
import { messageReader, prefixed } from './length-prefixed.ts'

/** The longest payload of UDP. */
const maxDatagramBytes = 65_507
/** Unsent bytes above which datagrams are dropped. */
const maxUnsentBytes = 1024 * 1024

export function writeDatagram(stream: Writable, payload: Uint8Array): void {
  if (stream.writable && stream.writableLength < maxUnsentBytes) stream.write(prefixed(payload))
}

/** @returns reads chunks of a stream. @throws RangeError for a longer datagram than UDP has */
export const datagramReader = (onDatagram: (payload: Buffer) => void): ((chunk: Buffer) => void) =>
  messageReader(maxDatagramBytes, onDatagram)
