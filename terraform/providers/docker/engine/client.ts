// Client of the Docker Engine API. Paths have no version, so the engine's own one applies: the fields used here are in all
// versions since 1.40, and newer engines reject old versions.

import { type Agent, type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Pack } from 'tar-stream'
import type { EngineAddress } from './address.ts'
import { createAgent } from './connection.ts'
import { EngineError, EngineUnreachableError, isNotFound } from './engine-error.ts'

type QueryValue = string | number | boolean | undefined
/** An array is repeated. */
type Query = Readonly<Record<string, QueryValue | readonly string[]>>

export interface EngineRequest {
  readonly query?: Query
  /** JSON. */
  readonly body?: unknown
  /** A tar archive. Excludes `body`. */
  readonly archive?: Pack | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export class EngineClient {
  readonly #resolve: () => EngineAddress
  #address: EngineAddress | undefined
  #agent: Promise<Agent> | undefined

  /** @param resolve called before the first request; its error is that of the request */
  constructor(resolve: () => EngineAddress) {
    this.#resolve = resolve
  }

  get address(): EngineAddress {
    this.#address ??= this.#resolve()
    return this.#address
  }

  /** The JSON body; undefined if there is none. @throws EngineError, EngineUnreachableError */
  async call<T>(method: string, path: string, options: EngineRequest = {}): Promise<T> {
    const text = (await readAll(await this.open(method, path, options))).toString()
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  /** Like `call` with GET; undefined for status 404. */
  async find<T>(path: string, options: EngineRequest = {}): Promise<T | undefined> {
    try {
      return await this.call<T>('GET', path, options)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  /** The response as a stream, for archives, logs and progress. The caller reads or destroys it.
   *  @throws EngineError, EngineUnreachableError */
  async open(method: string, path: string, options: EngineRequest = {}): Promise<IncomingMessage> {
    this.#agent ??= createAgent(this.address)
    const response = await this.#send(await this.#agent, method, path, options)
    const { statusCode = 0 } = response
    if (statusCode < 400) return response
    throw new EngineError(statusCode, errorMessage((await readAll(response)).toString(), statusCode))
  }

  /** Starts an `exec` instance or attaches to a container. @returns the raw socket
   *  @throws EngineError, EngineUnreachableError */
  async upgrade(path: string, body: unknown, signal: AbortSignal): Promise<Duplex> {
    this.#agent ??= createAgent(this.address)
    const json = JSON.stringify(body)
    const headers = {
      host: 'docker',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(json),
      connection: 'Upgrade',
      upgrade: 'tcp',
    }
    const sent = request({ agent: await this.#agent, method: 'POST', path, headers, signal })
    return new Promise((resolve, reject) => {
      sent.on('upgrade', (_response, socket, head) => {
        if (head.length > 0) socket.unshift(head)
        resolve(socket)
      })
      sent.on('response', (response) => {
        const { statusCode = 0 } = response
        readAll(response).then(
          (text) => reject(new EngineError(statusCode, errorMessage(`${text}`, statusCode))),
          reject,
        )
      })
      sent.on('error', (error) => reject(signal.aborted ? signal.reason : this.#unreachable(error)))
      sent.end(json)
    })
  }

  #send(agent: Agent, method: string, path: string, options: EngineRequest): Promise<IncomingMessage> {
    const { query = {}, body, archive, signal } = options
    const json = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      host: 'docker',
      ...(json !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) }),
      ...(archive && { 'content-type': 'application/x-tar' }),
      ...options.headers,
    }
    return new Promise((resolve, reject) => {
      const sent = request({ agent, method, path: `${path}${queryText(query)}`, headers, ...(signal && { signal }) })
      sent.on('response', resolve)
      sent.on('error', (error) => reject(signal?.aborted ? signal.reason : this.#unreachable(error)))
      if (archive && !Buffer.isBuffer(archive)) {
        archive.on('error', (error) => sent.destroy(error))
        archive.pipe(sent)
      } else sent.end(archive ?? json)
    })
  }

  #unreachable(cause: Error): EngineUnreachableError {
    return new EngineUnreachableError(this.#address?.url ?? '', cause.message, { cause })
  }
}

function queryText(query: Query): string {
  const given = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const item of [value].flat()) if (item !== undefined) given.append(name, String(item))
  }
  return given.size === 0 ? '' : `?${given}`
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  return Buffer.concat(await response.toArray())
}

function errorMessage(text: string, status: number): string {
  try {
    const { message, cause } = JSON.parse(text) as { message?: string; cause?: string }
    return message ?? cause ?? text
  } catch {
    return text.trim() || `The engine answered with status ${status}.`
  }
}
