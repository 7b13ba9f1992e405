// A stub of an agent's terminals for screenshots: canned screens, and input that is echoed.

import type { IncomingMessage } from 'node:http'
import type { WebSocket } from 'ws'
import { type AgentFrame, decodeClientFrame, encodeFrame } from '../../api/agents/terminal-frames.ts'
import type { StoredCommand } from '../../api/agents/terminals.ts'

const nonce = 'c0ffee'
const ctrlD = '\x04'
const mark = (parameters: string): string => `\x1b]133;${parameters};nonce=${nonce}\x07`
const prompt = (rest = ''): string =>
  `${mark('A')}\x1b[32mdev\x1b[0m in \x1b[34m~/work/shop\x1b[0m on \x1b[33mmain\x1b[0m${rest}\r\n❯ ${mark('B')}`
const run = (command: string, ms: number): string =>
  `${command}\x1b]633;E;${command};nonce=${nonce}\x07${mark(`C;start_ms=${ms}`)}`
const folder = '\x1b]7;file://desk/home/dev/work/shop\x07'

const shell = [
  `${folder}${prompt()}${run('git status -sb', 1)}`,
  '## main...origin/main \x1b[90m[ahead 2]\x1b[0m',
  ' \x1b[31mM\x1b[0m src/cart/totals.ts',
  '\x1b[31m??\x1b[0m src/cart/coupon.ts',
  `${mark('D;0;end_ms=40')}`,
  `${prompt(' \x1b[31m[!?]\x1b[0m')}${run('npm test -- cart', 100)}`,
  '',
  ' \x1b[32m✓\x1b[0m src/cart/totals.test.ts \x1b[90m(14 tests) 61ms\x1b[0m',
  ' \x1b[31m✗\x1b[0m src/cart/coupon.test.ts \x1b[90m(5 tests, 1 failed) 34ms\x1b[0m',
  '',
  '   \x1b[31mFAIL\x1b[0m  a coupon of 100 % leaves nothing to pay',
  '   expected \x1b[32m0\x1b[0m, received \x1b[31m-0\x1b[0m  https://example.com/cart 日本語 👩‍💻 ok',
  '     at src/cart/coupon.test.ts:41:18',
  `${mark('D;1;end_ms=2100')}`,
  prompt(' \x1b[31m[!?]\x1b[0m'),
].join('\r\n')

const server = [
  `${folder}${prompt()}${run('npm run dev', 1)}`,
  '',
  '  \x1b[32mVITE v8.3.8\x1b[0m  ready in \x1b[1m212 ms\x1b[0m',
  '',
  '  ➜  Local:   \x1b[36mhttp://localhost:3000/\x1b[0m',
  '  ➜  press \x1b[1mh + enter\x1b[0m to show help',
  '',
  '\x1b[90m12:09:14\x1b[0m \x1b[32m[vite]\x1b[0m hmr update \x1b[90m/src/cart/totals.ts\x1b[0m',
].join('\r\n')

const monitor = [
  '\x1b]0;htop\x07  \x1b[36m0\x1b[0m[\x1b[32m||||||||||||||\x1b[31m|||\x1b[0m                38.2%]   Tasks: \x1b[36m112\x1b[0m, 284 thr; \x1b[32m2\x1b[0m running',
  '  \x1b[36m1\x1b[0m[\x1b[32m|||||\x1b[0m                            14.0%]   Load average: \x1b[1m0.62\x1b[0m 0.48 0.41',
  '  Mem[\x1b[32m||||||||||\x1b[33m|||||\x1b[0m          1.61G/7.63G]   Uptime: 41 days, 06:12:03',
  '',
  '\x1b[30;42m    PID USER      PRI  NI  VIRT   RES S CPU%  COMMAND          \x1b[0m',
  '  18211 pi         20   0  912M  311M S 21.3  node agent.js',
  '   1042 pi         20   0  141M   22M S  6.1  mosquitto',
  '      1 root       20   0  167M   11M S  0.0  /sbin/init',
].join('\r\n')

/** Screens by the first letter of the session id. Session `e` exits immediately, `d` loses its connection. */
const screens: Readonly<Record<string, string>> = { a: shell, b: server, c: monitor }

/** Sessions of an agent: two for the first agent, none for the others. */
export function fakeTerminals(agentId: string) {
  if (!agentId.endsWith('1')) return []
  const session = {
    pid: 4242,
    command: '',
    created_at: '2026-11-24T12:00:00Z',
    clients: 1,
    cols: 120,
    rows: 30,
    state: 'live',
    cwd: '/home/dev/work/shop',
    last_command: '',
    is_busy: false,
  }
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

const hour = 3_600_000
const lines: readonly [command: string, exit: number | null, ms: number][] = [
  ['npm test -- cart', 1, 2_000],
  ['git status -sb', 0, 40],
  ['docker compose up -d db && npm run migrate', 0, 8_400],
  ['ssh pi-lab "sudo systemctl restart mosquitto"', 0, 1_250],
  ['psql "$DATABASE_URL" -c \'select count(*) from orders where paid_at is null\'', 0, 310],
  ['npm run build', null, 61_000],
]

/** The command history of the fixtures. */
export const fakeCommands: readonly StoredCommand[] = lines.map(([command, exit_code, duration_ms], index) => ({
  id: `00000000-0000-4000-8000-00000000000${index}`,
  workspace_id: '00000000-0000-4000-8000-000000000001',
  workspace_name: 'brave-otter',
  agent_name: 'main',
  session_id: '',
  command,
  cwd: '/home/dev/work/shop',
  exit_code,
  started_at: new Date(Date.now() - (index + 1) * hour).toISOString(),
  duration_ms,
}))

export function attachFakeTerminal(socket: WebSocket, request: IncomingMessage): void {
  const query = new URL(request.url ?? '/', 'http://fake').searchParams
  const cols = Number(query.get('width'))
  const rows = Number(query.get('height'))
  const kind = query.get('reconnect')?.[0] ?? 'a'
  const send = (frame: AgentFrame) => socket.send(encodeFrame(frame))
  const attached = {
    created: false,
    pid: 4242,
    cols,
    rows,
    epoch: 'fake',
    nonce,
    resumed: false,
    restored_from: kind === 'f' ? '2026-11-24T12:00:00Z' : null,
    read_only: false,
  }
  const exit = () => {
    send({ type: 'exit', code: 0, signal: 0 })
    socket.close(1000)
  }
  send({ type: 'attached', attached })
  send({ type: 'snapshot', size: { cols, rows }, bytes: Buffer.from(screens[kind] ?? shell) })
  if (kind === 'e') {
    exit()
    return
  }
  // Loses the connection shortly after attaching.
  if (kind === 'd') setTimeout(() => socket.terminate(), 100)
  socket.on('message', (data: Buffer) => {
    const frame = decodeClientFrame(data)
    if (frame?.type === 'ping') send({ type: 'pong', bytes: frame.bytes })
    if (frame?.type !== 'input') return
    const { bytes } = frame
    if (bytes.toString() === ctrlD) exit()
    else send({ type: 'output', bytes: bytes.toString() === '\r' ? Buffer.from('\r\n❯ ') : bytes })
  })
}
