// Serves the dashboard's files. Paths that are neither files nor API endpoints return the dashboard page.

import { readFile } from 'node:fs/promises'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError, routeNotFound } from '../api/errors.ts'
import { explainUnsupportedRoute, rejectedMethodsAt } from '../api/official-routes.ts'
import { methodNotAllowed } from './http/method-not-allowed.ts'
import { drawEmoji, iconFiles } from './icons.ts'

const contentTypes: Record<string, string> = {
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

/** No inline scripts, no foreign content, no framing. xterm sets inline styles.
 *  @param host of the request, validated by the request guards: the only allowed WebSocket target */
const contentSecurityPolicy = (host: string) =>
  [
    "default-src 'self'",
    // WebAssembly is allowed for the decoder of terminal images.
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

/** Folder of the built dashboard: `dist/renderer`, relative to a bundle in `dist/server` or to the sources. */
const folders = ['../dist/renderer/', '../renderer/'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

/** Handles requests without a route. */
export function installDashboard(app: FastifyInstance): void {
  const assets = new Map<string, Asset>()
  // Only existing files are cached: clients can request any number of names.
  const load = async (path: string) => {
    const asset = assets.get(path) ?? (await readAsset(path))
    if (asset) assets.set(path, asset)
    return asset
  }
  app.setNotFoundHandler(async (request, reply) => {
    const path = rewrites[decodePath(request)] ?? decodePath(request)
    if (isApi(path) || (request.method !== 'GET' && request.method !== 'HEAD')) {
      const reason = explainUnsupportedRoute(request.method, path) ?? undefined
      const allowed = reason ? [] : [...app.methodsOf(path), ...rejectedMethodsAt(path)]
      // The raw path may differ from the decoded one: //, or dot segments.
      if (allowed.length === 0 || allowed.includes(request.method)) throw routeNotFound(reason)
      reply.header('allow', allowed.join(', '))
      throw methodNotAllowed(request.method, allowed)
    }
    if (isWorkspaceApp(path)) return sendAppUnavailable(reply)
    const emoji = drawEmoji(path)
    if (emoji !== null) return sendAsset(request, reply, toSvgAsset(emoji))
    for (const file of [...iconFiles(path), path]) {
      const asset = extname(file) === '' ? null : await load(file)
      if (asset) return sendAsset(request, reply, asset)
    }
    // A page must not be returned in place of a script.
    if (/^\/+assets(\/|$)/.test(path)) throw routeNotFound()
    const page = await load('/index.html')
    if (!page) throw new ApiError(503, 'The dashboard has not been built.', { detail: 'Run: npm run build' })
    return sendAsset(request, reply, page)
  })
}

/** Paths that are served by another file. */
const rewrites: Readonly<Record<string, string>> = {
  '/swagger': '/swagger/index.html',
  '/swagger/': '/swagger/index.html',
}

/** Paths used by programs, which would mistake a page for a response. */
const isApi = (path: string) =>
  /^\/+(api|bin|derp|oauth2|scim|\.well-known)(\/|$)|^\/(healthz|install\.sh|latency-check|metrics)$/.test(path)

/** Paths at which Coder's dashboard opens workspace apps, in a window or a frame. */
const isWorkspaceApp = (path: string) => /^\/@[^/]+\/[^/]+\/apps\/./.test(path)

function sendAppUnavailable(reply: FastifyReply): FastifyReply {
  const reason = explainUnsupportedRoute('GET', '/api/v2/applications/auth-redirect') ?? ''
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
<p>To reach it, use a terminal of the workspace.</p>
`)
}

function decodePath(request: FastifyRequest): string {
  try {
    return decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
  } catch {
    throw new ApiError(400, 'The URL is not valid.')
  }
}

const toSvgAsset = (text: string): Asset => ({
  type: 'image/svg+xml',
  plain: Buffer.from(text),
  gzipped: null,
  isHashed: false,
})

async function readAsset(path: string): Promise<Asset | null> {
  const type = contentTypes[extname(path)]
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
  const isGzipped = asset.gzipped && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  reply
    .code(200)
    .type(asset.type)
    .header('content-security-policy', contentSecurityPolicy(request.headers.host ?? ''))
    .header('cross-origin-opener-policy', 'same-origin')
    .header('referrer-policy', 'no-referrer')
    .header('x-frame-options', 'DENY')
    .header('cache-control', asset.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    .header('vary', 'accept-encoding')
  if (isGzipped) reply.header('content-encoding', 'gzip')
  return reply.send(isGzipped ? asset.gzipped : asset.plain)
}
