// A minimal terminal page: xterm connected to a pty by a WebSocket, without our code. The reference for the figures of
// the dashboard's page.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { spawn } from 'node-pty'
import { WebSocketServer } from 'ws'

export interface BarePage {
  readonly url: string
  close(): Promise<void>
}

const requireHere = createRequire(import.meta.url)
const files: Readonly<Record<string, readonly [type: string, file: string]>> = {
  '/xterm.js': ['text/javascript', requireHere.resolve('@xterm/xterm/lib/xterm.js')],
  '/xterm.css': ['text/css', requireHere.resolve('@xterm/xterm/css/xterm.css')],
}

// Same size and font as the dashboard's terminals.
const html = `<!doctype html><link rel="stylesheet" href="/xterm.css"><div id="terminal"></div>
<script src="/xterm.js"></script>
<script>
  const size = new URLSearchParams(location.search)
  const terminal = new Terminal({ cols: Number(size.get('cols')), rows: Number(size.get('rows')), scrollback: 10000,
    fontFamily: 'monospace', fontSize: 13, lineHeight: 1.2, cursorBlink: true, allowProposedApi: true })
  terminal.open(document.getElementById('terminal'))
  const socket = new WebSocket(location.href.replace(/^http/, 'ws'))
  socket.binaryType = 'arraybuffer'
  socket.onmessage = ({ data }) => terminal.write(new Uint8Array(data))
  terminal.onData((data) => socket.send(data))
  terminal.focus()
  /** @returns {Promise<number>} milliseconds to parse the piece repeatedly */
  async function parse(piece, count) {
    const startedAt = performance.now()
    const bytes = new TextEncoder().encode(piece)
    for (let written = 1; written <= count; written++) {
      const parsed = new Promise((resolve) => terminal.write(bytes, resolve))
      // Keeps several chunks queued, like a socket.
      if (written % 8 === 0 || written === count) await parsed
    }
    return performance.now() - startedAt
  }
</script>`

/** @param command of `sh`, run for each page that is opened */
export async function serveBarePage(command: string): Promise<BarePage> {
  const server = createServer(async ({ url = '' }, response) => {
    const [type, file] = files[url] ?? ['text/html', undefined]
    response.setHeader('content-type', `${type}; charset=utf-8`)
    response.end(file ? await readFile(file) : html)
  })
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket, request) => {
    const query = new URL(request.url ?? '/', 'http://bare').searchParams
    const size = { cols: Number(query.get('cols')), rows: Number(query.get('rows')) }
    const pty = spawn('/bin/sh', ['-c', command], { ...size, name: 'xterm-256color', encoding: null })
    // With `encoding: null`, node-pty passes bytes; its types declare strings.
    pty.onData((bytes) => socket.send(bytes as unknown as Buffer))
    socket.on('message', (text) => pty.write(String(text)))
    socket.on('close', () => pty.kill('SIGKILL'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
