// Output of a program to its SSH channel: stdout and stderr through one queue, because ssh2 cannot have both wait for the
// client's window. Bounds the queue and the unsent bytes of the connection.

import type { Connection, ServerChannel } from 'ssh2'
import { forgetSentChunk, socketOf } from './ssh2-internals.ts'

export type OutputStream = 'stdout' | 'stderr'

/** The producer pauses above it … */
const highWaterBytes = 512 * 1024
/** … and resumes below it. */
const lowWaterBytes = 128 * 1024
/** Unsent bytes of the connection above which the next write waits: a keystroke's echo queues behind them. */
const maxUnsentBytes = 256 * 1024

export interface Producer {
  pause(): void
  resume(): void
}

export class ChannelOutput {
  readonly #connection: Connection
  readonly #channel: ServerChannel
  readonly #producer: Producer
  #queue: { readonly stream: OutputStream; readonly bytes: Buffer }[] = []
  #queuedBytes = 0
  #isWriting = false
  #isPaused = false
  #isClosed = false
  #onEmpty: (() => void) | undefined

  constructor(connection: Connection, channel: ServerChannel, producer: Producer) {
    this.#connection = connection
    this.#channel = channel
    this.#producer = producer
  }

  /** The bytes must not change afterward. */
  write(stream: OutputStream, bytes: Buffer): void {
    if (this.#isClosed || bytes.length === 0) return
    this.#queue.push({ stream, bytes })
    this.#queuedBytes += bytes.length
    if (this.#queuedBytes > highWaterBytes && !this.#isPaused) {
      this.#isPaused = true
      this.#producer.pause()
    }
    this.#writeNext()
  }

  /** Calls back when all output was sent; not if the channel is closed before. */
  flush(onFlushed: () => void): void {
    if (this.#isClosed) return
    this.#onEmpty = onFlushed
    this.#writeNext()
  }

  /** Discards the queue, and all later output. */
  close(): void {
    this.#isClosed = true
    this.#queue = []
    if (this.#isPaused) this.#producer.resume()
  }

  #writeNext(): void {
    if (this.#isWriting || this.#isClosed) return
    const next = this.#queue.shift()
    if (!next) {
      this.#onEmpty?.()
      return
    }
    this.#isWriting = true
    const target = next.stream === 'stdout' ? this.#channel : this.#channel.stderr
    target.write(next.bytes, () => this.#afterWrite(next.bytes.length))
  }

  #afterWrite(length: number): void {
    forgetSentChunk(this.#channel)
    const socket = socketOf(this.#connection)
    if (socket.writableLength > maxUnsentBytes) {
      socket.once('drain', () => this.#afterSend(length))
      return
    }
    this.#afterSend(length)
  }

  #afterSend(length: number): void {
    this.#isWriting = false
    this.#queuedBytes -= length
    if (this.#isPaused && this.#queuedBytes < lowWaterBytes) {
      this.#isPaused = false
      this.#producer.resume()
    }
    this.#writeNext()
  }
}
