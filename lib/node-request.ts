// One HTTP request over node:http, with the interface of `fetch`. For short-lived and small processes, because the first
// `fetch` takes 40 ms and 7 MB. Use `fetch` elsewhere.

import { request as httpRequest, type IncomingMessage } from 'node:http'

/** Subset of `Response`. */
interface Answer {
  /** Whether the status is 2xx. */
  readonly ok: boolean
  readonly status: number
  readonly statusText: string
  /** The response itself. A caller that reads no body destroys it. */
  readonly message: IncomingMessage
  json(): Promise<unknown>
  text(): Promise<string>
  arrayBuffer(): Promise<ArrayBuffer>
}

interface RequestOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly signal?: AbortSignal
  /** `manual` returns a redirect as the response. */
  readonly redirect?: 'follow' | 'manual'
}

const maxRedirects = 5

/** Follows redirects of requests without a body, to the same origin or its HTTPS only, because headers may contain
 *  credentials.
 *  @throws Error with the socket error as its `cause`, like `fetch`. */
export async function nodeRequest(address: string, options: RequestOptions = {}): Promise<Answer> {
  let url = new URL(address)
  for (let redirects = 0; ; redirects += 1) {
    const answer = await send(url, options)
    const { location } = answer.headers
    const isRedirect =
      location && options.redirect !== 'manual' && [301, 302, 303, 307, 308].includes(answer.statusCode ?? 0)
    const next = isRedirect ? new URL(location, url) : null
    const mayFollow = next && isSameServer(url, next) && options.body === undefined && redirects < maxRedirects
    if (!mayFollow) return toAnswer(answer)
    answer.resume()
    url = next
  }
}

const isSameServer = (from: URL, to: URL): boolean =>
  to.origin === from.origin || (to.protocol === 'https:' && from.protocol === 'http:' && to.hostname === from.hostname)

async function send(
  url: URL,
  { method = 'GET', headers = {}, body, signal }: RequestOptions,
): Promise<IncomingMessage> {
  // Loads TLS on demand.
  const open = url.protocol === 'https:' ? (await import('node:https')).request : httpRequest
  return new Promise((resolve, reject) => {
    const request = open(url, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      ...(signal ? { signal } : {}),
    })
    request.on('response', resolve)
    request.on('error', (cause) => reject(signal?.aborted ? signal.reason : new TypeError('fetch failed', { cause })))
    request.end(body)
  })
}

function toAnswer(message: IncomingMessage): Answer {
  const status = message.statusCode ?? 0
  const bytes = async () => Buffer.concat(await message.toArray())
  const text = async () => (await bytes()).toString('utf8')
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: message.statusMessage ?? '',
    message,
    text,
    json: async () => JSON.parse(await text()),
    async arrayBuffer() {
      const { buffer, byteOffset, byteLength } = await bytes()
      return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer
    },
  }
}
