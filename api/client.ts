// Calls endpoints by their declaration, for the dashboard, the CLI, the agent and the tests. The only file of api/ that
// performs I/O.

import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from './endpoint.ts'
import { ApiError } from './errors.ts'
import { fillLists } from './fill-lists.ts'

/** The part of a `Response` that the client uses. */
interface ResponseLike {
  readonly ok: boolean
  readonly status: number
  readonly statusText: string
  json(): Promise<unknown>
  text(): Promise<string>
  arrayBuffer(): Promise<ArrayBuffer>
}

/** `fetch`, or a replacement with its signature. */
export type Transport = (
  address: string,
  request: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly body?: string | Uint8Array<ArrayBuffer>
    readonly signal?: AbortSignal
  },
) => Promise<ResponseLike>

export interface ClientOptions {
  /** `http://127.0.0.1:3000`, without a trailing slash. Empty for the page's own origin. */
  readonly baseUrl: string
  /** Sent as `Coder-Session-Token`. Browser pages omit it and use their cookie. */
  readonly token?: string
  readonly headers?: Record<string, string>
  /** Default signal for calls without their own. */
  readonly timeoutMs?: number
  /** The transport; `fetch` by default. */
  readonly send?: Transport
  /** For servers that may be Coder's own, which send null for empty lists. */
  readonly fillsLists?: boolean
}

type RequiredField<K extends string, V> = [V] extends [never]
  ? { readonly [P in K]?: undefined }
  : unknown extends V
    ? { readonly [P in K]?: V }
    : { readonly [P in K]: V }
type Input<E> = RequiredField<'params', ParamsOf<E>> & { readonly query?: QueryOf<E> } & RequiredField<
    'body',
    BodyOf<E>
  > & {
    readonly signal?: AbortSignal
    /** A body that is not JSON. */
    readonly bytes?: { readonly type: string; readonly data: Uint8Array }
  }

export interface Client {
  /** @throws ApiError with the server's status and message; status 0 if the server did not respond. */
  call<E extends Endpoint>(endpoint: E, input?: Input<E>): Promise<ResponseOf<E>>
  /** As `call`, for responses that are not JSON. */
  bytes<E extends Endpoint>(endpoint: E, input?: Input<E>): Promise<Uint8Array>
  /** The URL of an endpoint, for upgrades and downloads. */
  url<E extends Endpoint>(endpoint: E, input?: Pick<Input<E>, 'params' | 'query'>): string
}

export function createClient(options: ClientOptions): Client {
  const send: Transport = options.send ?? ((address, request) => fetch(address, request))
  const url = (endpoint: Endpoint, input: { params?: unknown; query?: unknown } = {}) =>
    options.baseUrl + fillPath(endpoint.path, input.params) + queryString(input.query)
  return {
    url: url as Client['url'],
    async call(endpoint, input) {
      const response = await request(endpoint, input)
      const text = await response.text()
      // Some endpoints return 200 with an empty body.
      if (text === '') return null as never
      const value = parseResponse(text, response.status, endpoint.method, url(endpoint, input as object))
      const schema = options.fillsLists ? endpoint.responses[response.status] : undefined
      return (schema ? fillLists(schema, value) : value) as never
    },
    async bytes(endpoint, input) {
      return new Uint8Array(await (await request(endpoint, input)).arrayBuffer())
    },
  }

  async function request(endpoint: Endpoint, input: unknown = {}): Promise<ResponseLike> {
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
    const response = await send(address, {
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
      throw unreachable(endpoint.method, address, cause)
    })
    if (!response.ok) throw await readError(response, `${endpoint.method} ${address}`)
    return response
  }
}

function fillPath(path: string, params: unknown): string {
  const values = (params ?? {}) as Record<string, unknown>
  return path.replace(/:([A-Za-z_]+)/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`Missing path parameter "${name}" in ${path}.`)
    return encodeURIComponent(String(value))
  })
}

function queryString(query: unknown): string {
  const entries = Object.entries((query ?? {}) as Record<string, unknown>).filter(([, value]) => value !== undefined)
  if (entries.length === 0) return ''
  return `?${new URLSearchParams(Object.fromEntries(entries.map(([name, value]) => [name, String(value)])))}`
}

/** @throws ApiError if the response is not JSON, such as a proxy's HTML page. */
function parseResponse(text: string, status: number, method: string, address: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError(status, 'The response is not from a Coder deployment.', {
      detail: `${address}: ${text.slice(0, 100)}`,
      request: `${method} ${address}`,
    })
  }
}

function unreachable(method: string, address: string, cause: unknown): ApiError {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message.trim() : String(cause)
  return new ApiError(0, 'Could not reach the deployment.', {
    detail: `${address}: ${reason}`,
    request: `${method} ${address}`,
    cause,
  })
}

async function readError(response: ResponseLike, request: string): Promise<ApiError> {
  const text = await response.text()
  try {
    const body = JSON.parse(text) as {
      message?: string
      detail?: string
      validations?: { field: string; detail: string }[]
    }
    return new ApiError(response.status, body.message ?? response.statusText, {
      request,
      ...(body.detail ? { detail: body.detail } : {}),
      ...(body.validations ? { validations: body.validations } : {}),
    })
  } catch {
    const detail = text.slice(0, 500)
    return new ApiError(response.status, response.statusText || `HTTP ${response.status}`, { detail, request })
  }
}
