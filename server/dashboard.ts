// Serves the dashboard's files. Every address that is neither a file nor an API is a page of the dashboard.

import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, routeNotFound } from '../api/errors.ts'
import { findRefusal, methodsOfRefused } from '../api/official-routes.ts'
import { methodNotAllowed } from './http/method-not-allowed.ts'
import { drawEmoji, iconFiles } from './icons.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.map': 'application/json; charset=utf-8',
}

/** No inline script, nothing from elsewhere, never inside another page. xterm sets styles on its own elements.
 *  @param host of the request, which the door has looked at: WebSockets go there and nowhere else */
const contentSecurityPolicy = (host: string) =>
  [
    "default-src 'self'",
    // Programs in WebAssembly come from here as well: the one that decodes pictures in terminals.
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

interface Asset {
  readonly type: string
  readonly plain: Buffer
  readonly gzipped: Buffer | null
  readonly isHashed: boolean
}

/** The built dashboard: `dist/renderer`, seen from a bundle in `dist/server` and from the sources. */
const folders = ['../dist/renderer/', '../renderer/'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

/** Answers what no route did. */
export function installDashboard(app: FastifyInstance): void {
  const assets = new Map<string, Asset>()
  // Only what exists is remembered: anybody can ask for any number of names.
  const load = async (path: string) => {
    const asset = assets.get(path) ?? (await readAsset(path))
    if (asset) assets.set(path, asset)
    return asset
  }
  app.setNotFoundHandler(async (request, reply) => {
    const path = pages[decodePath(request)] ?? decodePath(request)
    if (isApi(path) || (request.method !== 'GET' && request.method !== 'HEAD')) {
      const refusal = findRefusal(request.method, path) ?? undefined
      const allowed = refusal ? [] : [...app.methodsOf(path), ...methodsOfRefused(path)]
      // An address may be another one as it is written than as it is read: //, or with dots.
      if (allowed.length === 0 || allowed.includes(request.method)) throw routeNotFound(refusal)
      reply.header('allow', allowed.join(', '))
      throw methodNotAllowed(request.method, allowed)
    }
    if (isApplication(path)) return sendNoApplication(reply)
    const emoji = drawEmoji(path)
    if (emoji !== null) return sendAsset(request, reply, toPicture(emoji))
    for (const file of [...iconFiles(path), path]) {
      const asset = extname(file) === '' ? null : await load(file)
      if (asset) return sendAsset(request, reply, asset)
    }
    // A page in the place of a script would be taken for one.
    if (/^\/+assets(\/|$)/.test(path)) throw routeNotFound()
    const page = await load('/index.html')
    if (!page) throw new ApiError(503, 'The dashboard has not been built.', { detail: 'Run: npm run build' })
    return sendAsset(request, reply, page)
  })
}

/** Pages that are not the dashboard's own, by the addresses that people write. */
const pages: Readonly<Record<string, string>> = {
  '/swagger': '/swagger/index.html',
  '/swagger/': '/swagger/index.html',
}

/** Where programs ask: a page in place of an error would be taken for an answer. */
const isApi = (path: string) =>
  /^\/+(api|bin|derp|oauth2|scim|\.well-known)(\/|$)|^\/(healthz|install\.sh|latency-check|metrics)$/.test(path)

/** Where pages of Coder open the applications of workspaces, in a window of their own or in a frame of theirs. */
const isApplication = (path: string) => /^\/@[^/]+\/[^/]+\/apps\/./.test(path)

function sendNoApplication(reply: FastifyReply): FastifyReply {
  const reason = findRefusal('GET', '/api/v2/applications/auth-redirect') ?? ''
  return reply
    .code(404)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
    .header('cache-control', 'no-store')
    .send(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Application</title>
<body style="font: 1rem/1.5 system-ui; margin: 2rem; color: #888">
<p>${reason}</p>
<p>From a terminal of the workspace it can be reached.</p>
`)
}

function decodePath(request: FastifyRequest): string {
  try {
    return decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
  } catch {
    throw new ApiError(400, 'The address is not valid.')
  }
}

const toPicture = (text: string): Asset => ({
  type: 'image/svg+xml',
  plain: Buffer.from(text),
  gzipped: null,
  isHashed: false,
})

async function readAsset(path: string): Promise<Asset | null> {
  const type = types[extname(path)]
  if (!type || path.includes('\0')) return null
  for (const folder of folders) {
    const file = normalize(join(folder, path))
    if (!file.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return null
    const plain = await readFile(file).catch(() => null)
    if (plain) return { type, plain, gzipped: await compress(type, plain), isHashed: path.startsWith('/assets/') }
  }
  return null
}

async function compress(type: string, plain: Buffer): Promise<Buffer | null> {
  return type.startsWith('font/') || type.startsWith('image/p') || plain.length < 1024 ? null : promisify(gzip)(plain)
}

function sendAsset(request: FastifyRequest, reply: FastifyReply, asset: Asset): FastifyReply {
  const zipped = asset.gzipped && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  reply
    .code(200)
    .type(asset.type)
    .header('content-security-policy', contentSecurityPolicy(request.headers.host ?? ''))
    .header('cross-origin-opener-policy', 'same-origin')
    .header('referrer-policy', 'no-referrer')
    .header('x-frame-options', 'DENY')
    .header('cache-control', asset.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('vary', 'accept-encoding')
  if (zipped) reply.header('content-encoding', 'gzip')
  return reply.send(zipped ? asset.gzipped : asset.plain)
}
