// LISTEN and NOTIFY: messages between replicas of coderd, sent when a transaction commits. Listens on one dedicated
// connection and reconnects after an outage. The callers define the channels.

import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { type Db, isConnectionError, keepAliveOptions } from './connect.ts'

type Handler = (payload: string) => void

export interface Channels {
  /** Resolves when the subscription is active; during an outage, immediately (see `onReconnect`).
   *  @returns function that unsubscribes `handler`. */
  listen(channel: string, handler: Handler): Promise<() => Promise<void>>
  /** Calls `hook` after every reconnection. Notifications sent in between are lost: read the state again.
   *  @returns function that removes the hook. */
  onReconnect(hook: () => void): () => void
  /** Counters since `openChannels`. */
  stats(): ChannelStats
  close(): Promise<void>
}

export interface ChannelStats {
  /** 1, or 0 during an outage. */
  readonly connected: number
  readonly channels: number
  readonly subscribers: number
  readonly subscribes: number
  readonly disconnections: number
  readonly messages: number
  readonly receivedBytes: number
}

export interface ChannelOptions {
  readonly url: string
  /** Receives connection errors and errors thrown by handlers. */
  readonly onError?: (error: Error) => void
}

// PostgreSQL's limits, in bytes. LISTEN silently truncates a longer name; NOTIFY refuses it.
const maxChannelBytes = 63
const maxPayloadBytes = 7_999

const firstRetryMs = 25
const maxRetryMs = 2_000

/** Sends a notification when the transaction commits, or immediately outside a transaction. */
export async function notifyChannel(db: Db, channel: string, payload = ''): Promise<void> {
  const bytes = Buffer.byteLength(payload)
  if (bytes > maxPayloadBytes) {
    throw new Error(`The notification on ${channel} has ${bytes} bytes; send an ID and let the listener load the rest.`)
  }
  await sql`select pg_notify(${channel}, ${payload})`.execute(db)
}

interface Channel {
  readonly handlers: Set<Handler>
  readonly listening: Promise<void>
}

/** Connects and stays connected until `close`. Rejects when the first connection fails. */
export async function openChannels(options: ChannelOptions): Promise<Channels> {
  const channels = new Map<string, Channel>()
  const hooks = new Set<() => void>()
  const closing = new AbortController()
  const stats = { connected: 0, subscribes: 0, disconnections: 0, messages: 0, receivedBytes: 0 }
  let client: pg.Client
  const reconnecting = keepConnected(await connect())

  /** @returns `closed` resolves when the connection has closed for any reason. */
  async function connect(): Promise<{ closed: Promise<void> }> {
    const fresh = new pg.Client({
      connectionString: options.url,
      ...keepAliveOptions,
      application_name: 'coderd listener',
    })
    const closed = new Promise<void>((resolve) => fresh.once('end', resolve))
    fresh.on('error', report)
    fresh.on('notification', ({ channel, payload }) => deliver(channel, payload ?? ''))
    await fresh.connect()
    client = fresh
    for (const channel of channels.keys()) await fresh.query(`listen ${fresh.escapeIdentifier(channel)}`)
    stats.connected = 1
    return { closed }
  }

  async function keepConnected(connection: { closed: Promise<void> }): Promise<void> {
    for (;;) {
      await connection.closed
      stats.connected = 0
      if (!closing.signal.aborted) stats.disconnections++
      const next = await reconnect()
      if (!next) return
      connection = next
      for (const hook of hooks) callSafely(hook)
    }
  }

  /** Null if `close` was called in between. */
  async function reconnect(): Promise<{ closed: Promise<void> } | null> {
    for (let waitMs = firstRetryMs; !closing.signal.aborted; waitMs = Math.min(waitMs * 2, maxRetryMs)) {
      try {
        await sleep(waitMs, undefined, { signal: closing.signal })
        return await connect()
      } catch (error) {
        if (!closing.signal.aborted) report(error)
      }
    }
    return null
  }

  function deliver(channel: string, payload: string): void {
    stats.messages++
    stats.receivedBytes += Buffer.byteLength(payload)
    for (const handler of channels.get(channel)?.handlers ?? []) callSafely(() => handler(payload))
  }

  function callSafely(call: () => void): void {
    try {
      call()
    } catch (error) {
      report(error)
    }
  }

  function report(error: unknown): void {
    options.onError?.(error instanceof Error ? error : new Error(String(error)))
  }

  async function sendStatement(statement: 'listen' | 'unlisten', channel: string): Promise<void> {
    try {
      await client.query(`${statement} ${client.escapeIdentifier(channel)}`)
    } catch (error) {
      // The next connection subscribes to all channels of the map.
      if (!isConnectionError(error)) throw error
    }
  }

  async function listen(channel: string, handler: Handler): Promise<() => Promise<void>> {
    if (Buffer.byteLength(channel) > maxChannelBytes) throw new Error(`The channel name ${channel} is too long.`)
    const entry = channels.get(channel) ?? { handlers: new Set(), listening: sendStatement('listen', channel) }
    channels.set(channel, entry)
    entry.handlers.add(handler)
    stats.subscribes++
    await entry.listening
    return () => unlisten(channel, handler)
  }

  async function unlisten(channel: string, handler: Handler): Promise<void> {
    const entry = channels.get(channel)
    if (!entry?.handlers.delete(handler) || entry.handlers.size > 0) return
    channels.delete(channel)
    await sendStatement('unlisten', channel)
  }

  return {
    listen,
    onReconnect(hook) {
      hooks.add(hook)
      return () => hooks.delete(hook)
    },
    stats() {
      const subscribers = [...channels.values()].reduce((sum, { handlers }) => sum + handlers.size, 0)
      return { ...stats, channels: channels.size, subscribers }
    },
    async close() {
      closing.abort()
      await client.end()
      await reconnecting
    },
  }
}
