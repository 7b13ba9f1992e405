// The other end of a terminal, for photographs: a screen with the usual colours, and input echoed back.

import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import { toAgent, toTerminal } from '../../api/agent-protocol.ts'

const screen = [
  '\x1b[32mdev\x1b[0m in \x1b[34m~/work/shop\x1b[0m on \x1b[33mmain\x1b[0m',
  '❯ git status -sb',
  '## main...origin/main \x1b[90m[ahead 2]\x1b[0m',
  ' \x1b[31mM\x1b[0m src/cart/totals.ts',
  '\x1b[31m??\x1b[0m src/cart/coupon.ts',
  '',
  '\x1b[32mdev\x1b[0m in \x1b[34m~/work/shop\x1b[0m on \x1b[33mmain\x1b[0m \x1b[31m[!?]\x1b[0m',
  '❯ npm test -- cart',
  '',
  ' \x1b[32m✓\x1b[0m src/cart/totals.test.ts \x1b[90m(14 tests) 61ms\x1b[0m',
  ' \x1b[31m✗\x1b[0m src/cart/coupon.test.ts \x1b[90m(5 tests, 1 failed) 34ms\x1b[0m',
  '',
  '   \x1b[31mFAIL\x1b[0m  a coupon of 100 % leaves nothing to pay',
  '   expected \x1b[32m0\x1b[0m, received \x1b[31m-0\x1b[0m  https://example.com/cart 日本語 👩‍💻 ok',
  '',
  '❯ ',
].join('\r\n')

const frame = (type: number, payload: Uint8Array): Buffer => Buffer.concat([Buffer.of(type), payload])

/** What an agent of the scenes holds: two sessions for the first, none for the others. */
export function fakeTerminals(agentId: string) {
  if (!agentId.endsWith('1')) return []
  const session = { pid: 4242, command: '', created_at: '2026-11-24T12:00:00Z', clients: 1, cols: 120, rows: 30 }
  return [
    { ...session, id: agentId.replace(/^0/, 'a'), title: 'zsh' },
    {
      ...session,
      id: agentId.replace(/^0/, 'b'),
      title: 'npm run dev',
      created_at: '2026-11-24T12:05:00Z',
    },
  ]
}

export function attachFakeTerminal(socket: WebSocket, request: IncomingMessage): void {
  const query = new URL(request.url ?? '/', 'http://fake').searchParams
  const cols = Number(query.get('width'))
  const rows = Number(query.get('height'))
  const size = Buffer.alloc(4)
  size.writeUInt16BE(cols, 0)
  size.writeUInt16BE(rows, 2)
  socket.send(frame(toTerminal.attached, Buffer.from(JSON.stringify({ created: false, pid: 4242, cols, rows }))))
  socket.send(frame(toTerminal.snapshot, Buffer.concat([size, Buffer.from(screen)])))
  socket.on('message', (data: Buffer) => {
    const payload = data.subarray(1)
    if (data[0] === toAgent.ping) socket.send(frame(toTerminal.pong, payload))
    if (data[0] !== toAgent.input) return
    // Ctrl+D ends the session, as in a shell.
    if (payload[0] === 4) {
      socket.send(frame(toTerminal.exit, Buffer.alloc(8)))
      socket.close(1000)
    } else socket.send(frame(toTerminal.output, payload.toString() === '\r' ? Buffer.from('\r\n❯ ') : payload))
  })
}
