// Selects the deployment and the session of a command: flags, then environment, then the login stored by `coder login`,
// then the deployment on this computer, which needs no login.

import { type Client, createClient } from '../../api/client.ts'
import { ApiError } from '../../api/errors.ts'
import { nodeRequest } from '../../lib/node-request.ts'
import { version } from '../../lib/version.ts'
import { CommandError } from '../output/errors.ts'
import { extraHeaders } from './extra-headers.ts'
import { type GlobalOptions, localLogin } from './local-deployment.ts'
import { type Login, loginFolder, readLogin } from './login-store.ts'

export interface Connection extends Login {
  readonly client: Client
  /** Sent with every request and WebSocket upgrade, in addition to the session. */
  readonly headers: Readonly<Record<string, string>>
}

const userAgent = `coder-local-cli/${version} (${process.platform}/${process.arch})`

/** @throws CommandError when no deployment is configured or running. */
export async function connect(options: GlobalOptions): Promise<Connection> {
  const login = configuredLogin(options)
  if (login) return connectTo(login, options)
  const local = await localLogin(options)
  if (local) return connectLocally(local, options)
  throw new CommandError('You are not signed in, and no deployment is running on this computer.', {
    hint: '`coder login <url>` signs in; `coder server` starts a deployment here.',
  })
}

/** When the stored session of the local deployment has expired or was revoked, creates a new one and repeats the call. */
function connectLocally(stored: Login, options: GlobalOptions): Connection {
  let current = connectTo(stored, options)
  async function retrying<T>(work: (client: Client) => Promise<T>): Promise<T> {
    try {
      return await work(current.client)
    } catch (error) {
      const isUnauthorized = error instanceof ApiError && error.status === 401
      const fresh = isUnauthorized ? await localLogin(options, { fresh: true }) : null
      if (!fresh) throw error
      current = connectTo(fresh, options)
      return work(current.client)
    }
  }
  return {
    url: current.url,
    headers: current.headers,
    get token() {
      return current.token
    },
    client: {
      call: (endpoint, input) => retrying((client) => client.call(endpoint, input)),
      bytes: (endpoint, input) => retrying((client) => client.bytes(endpoint, input)),
      url: (endpoint, input) => current.client.url(endpoint, input),
    },
  }
}

export function connectTo({ url, token }: Login, options: GlobalOptions): Connection {
  const headers = headersOf(options)
  const client = createClient({ baseUrl: url, token, headers, send: nodeRequest, fillsLists: true })
  return { url, token, headers, client }
}

/** A client without a session, for signing in. */
export const connectAnonymously = (url: string, options: GlobalOptions): Client =>
  createClient({ baseUrl: url, headers: headersOf(options), send: nodeRequest })

const headersOf = (options: GlobalOptions) => ({ 'user-agent': userAgent, ...extraHeaders(options) })

/** The login from flags, environment or storage. A URL without a token uses the stored token of the same deployment.
 *  Null when no URL is given and no login is stored. */
export function configuredLogin(options: GlobalOptions): Login | null {
  const stored = readLogin(loginFolder(options.globalConfig))
  const named = options.url
  const url = named ? normalizeUrl(named) : stored?.url
  const token = options.token ?? (stored?.url === url ? stored?.token : undefined)
  if (url && token) return { url, token }
  if (named) throw new CommandError(`You are not signed in to ${url}.`, { hint: `\`coder login ${url}\` signs in.` })
  return null
}

/** Reduces a URL to its origin: a deployment is at the root of its host, and users paste addresses of pages. */
export function normalizeUrl(text: string): string {
  const url = /^https?:\/\//.test(text) ? text : `https://${text}`
  if (!URL.canParse(url))
    throw new CommandError(`"${text}" is not a URL.`, {
      hint: 'use a URL such as http://127.0.0.1:3000.',
    })
  return new URL(url).origin
}
