// Serves the files of the start-up page, a fixed list, under a custom scheme.

import { readFileSync } from 'node:fs'
import { protocol, type Session } from 'electron'
import { startupScheme } from './startup-bridge.ts'

const files: Readonly<Record<string, { file: URL; type: string }>> = {
  '/index.html': { file: new URL('./startup-page/index.html', import.meta.url), type: 'text/html; charset=utf-8' },
  '/startup.css': { file: new URL('./startup-page/startup.css', import.meta.url), type: 'text/css; charset=utf-8' },
  '/startup.js': {
    file: new URL('./startup-page/startup.js', import.meta.url),
    type: 'text/javascript; charset=utf-8',
  },
}

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"

/** Must run before the app is ready. */
export function declareStartupScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: startupScheme, privileges: { standard: true, secure: true } }])
}

export function serveStartupPage(pages: Session): void {
  if (pages.protocol.isProtocolHandled(startupScheme)) return
  pages.protocol.handle(startupScheme, (request) => {
    const found = files[new URL(request.url).pathname]
    if (!found) return new Response('Not found', { status: 404 })
    return new Response(readFileSync(found.file), {
      headers: { 'content-type': found.type, 'content-security-policy': policy, 'x-content-type-options': 'nosniff' },
    })
  })
}
