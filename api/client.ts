// Calls endpoints by their declaration, from the dashboard, the command line, the agent and the tests. The only file
// of api/ that does I/O.

import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from './endpoint.ts'
import { ApiError } from './errors.ts'
import { fillLists } from './fill-lists.ts'

/** What is used of a `Response`. */
interface Answer {
  readonly ok: boolean
  readonly status: number
  readonly statusText: string
  json(): Promise<unknown>
  text(): Promise<string>
  arrayBuffer(): Promise<ArrayBuffer>
}

/** `fetch`, or what stands in for it. */
export type Send = (
  address: string,
  request: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly body?: string | Uint8Array<ArrayBuffer>
    readonly signal?: AbortSignal
  },
) => Promise<Answer>

export interface ClientOptions {
  /** `http://127.0.0.1:3000`, without a trailing slash. Empty for the page's own origin. */
  readonly baseUrl: string
  /** Sent as `Coder-Session-Token`. A page in a browser leaves it out: its cookie speaks. */
  readonly token?: string
  readonly headers?: Record<string, string>
  /** Applies to every call that brings no signal of its own. */
  readonly timeoutMs?: number
  /** How requests travel; `fetch` when left out. */
  readonly send?: Send
  /** For a server that may be Coder's own, whose answers have null for a list of nothing. */
  readonly fillsLists?: boolean
}

type Needed<K extends string, V> = [V] extends [never]
  ? { readonly [P in K]?: undefined }
  : unknown extends V
    ? { readonly [P in K]?: V }
    : { readonly [P in K]: V }
type Input<E> = Needed<'params', ParamsOf<E>> & { readonly query?: QueryOf<E> } & Needed<'body', BodyOf<E>> & {
    readonly signal?: AbortSignal
    /** A body that is not JSON. */
    readonly bytes?: { readonly type: string; readonly data: Uint8Array }
  }

export interface Client {
  /** @throws ApiError with the server's status and words; status 0 when no server answered. */
  call<E extends Endpoint>(endpoint: E, input?: Input<E>): Promise<ResponseOf<E>>
  /** The same for an answer that is not JSON. */
  bytes<E extends Endpoint>(endpoint: E, input?: Input<E>): Promise<Uint8Array>
  /** The address of an endpoint, for upgrades and downloads. */
  url<E extends Endpoint>(endpoint: E, input?: Pick<Input<E>, 'params' | 'query'>): string
}

export function createClient(options: ClientOptions): Client {
  const send: Send = options.send ?? ((address, request) => fetch(address, request))
  const url = (endpoint: Endpoint, input: { params?: unknown; query?: unknown } = {}) =>
    options.baseUrl + fillPath(endpoint.path, input.params) + queryString(input.query)
  return {
    url: url as Client['url'],
    async call(endpoint, input) {
      const answer = await request(endpoint, input)
      const text = await answer.text()
      // Some endpoints answer 200 with nothing in it.
      if (text === '') return null as never
      const value = parseAnswer(text, answer.status, endpoint.method, url(endpoint, input as object))
      const schema = options.fillsLists ? endpoint.responses[answer.status] : undefined
      return (schema ? fillLists(schema, value) : value) as never
    },
    async bytes(endpoint, input) {
      return new Uint8Array(await (await request(endpoint, input)).arrayBuffer())
    },
  }

  async function request(endpoint: Endpoint, input: unknown = {}): Promise<Answer> {
    const { params, query, body, bytes, signal } = input as {
      params?: unknown
      query?: unknown
      body?: unknown
      bytes?: { type: string; data: Uint8Array }
      signal?: AbortSignal
    }
    const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
    if (options.token) headers['coder-session-token'] = options.token
    if (bytes) headers['content-type'] = bytes.type
    else if (body !== undefined) headers['content-type'] = 'application/json'
    const limit = signal ?? (options.timeoutMs ? AbortSignal.timeout(options.timeoutMs) : undefined)
    const address = url(endpoint, { params, query })
    const answer = await send(address, {
      method: endpoint.method,
      headers,
      ...(bytes
        ? { body: bytes.data as Uint8Array<ArrayBuffer> }
        : body !== undefined
          ? { body: JSON.stringify(body) }
          : {}),
      ...(limit ? { signal: limit } : {}),
    }).catch((cause: unknown) => {
      if (signal?.aborted) throw cause
      throw noAnswer(endpoint.method, address, cause)
    })
    if (!answer.ok) throw await readError(answer, `${endpoint.method} ${address}`)
    return answer
  }
}

function fillPath(path: string, params: unknown): string {
  const values = (params ?? {}) as Record<string, unknown>
  return path.replace(/:([A-Za-z_]+)/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`the path ${path} needs ${name}`)
    return encodeURIComponent(String(value))
  })
}

function queryString(query: unknown): string {
  const entries = Object.entries((query ?? {}) as Record<string, unknown>).filter(([, value]) => value !== undefined)
  if (entries.length === 0) return ''
  return `?${new URLSearchParams(Object.fromEntries(entries.map(([name, value]) => [name, String(value)])))}`
}

/** @throws ApiError where a page is at the address, of a proxy or of something else altogether. */
function parseAnswer(text: string, status: number, method: string, address: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(status, 'This is not the answer of a deployment.', {
      detail: `${address}: ${text.slice(0, 100)}`,
      request: `${method} ${address}`,
    })
  }
}

function noAnswer(method: string, address: string, cause: unknown): ApiError {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message.trim() : String(cause)
  return new ApiError(0, 'The deployment does not answer.', {
    detail: `${address}: ${reason}`,
    request: `${method} ${address}`,
    cause,
  })
}

async function readError(answer: Answer, request: string): Promise<ApiError> {
  const text = await answer.text()
  try {
    const body = JSON.parse(text) as {
      message?: string
      detail?: string
      validations?: { field: string; detail: string }[]
    }
    return new ApiError(answer.status, body.message ?? answer.statusText, {
      request,
      ...(body.detail ? { detail: body.detail } : {}),
      ...(body.validations ? { validations: body.validations } : {}),
    })
  } catch {
    const detail = text.slice(0, 500)
    return new ApiError(answer.status, answer.statusText || `HTTP ${answer.status}`, { detail, request })
  }
}
