// Packets of a client that does not follow the protocol, inside an encrypted connection. The server runs in this process:
// an exception or an endless loop fails the test.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { requires } from '../../../lib/testing/requirements.ts'
import { type Field, packet, sendPackets } from './testing/raw-client.ts'
import { type SshFixture, startSshFixture } from './testing/ssh-fixture.ts'

let fixture: SshFixture
beforeAll(async () => {
  fixture = await startSshFixture()
})
afterAll(() => fixture.close())

// Message numbers of RFC 4254.
const globalRequest = 80
const channelOpen = 90
const channelRequest = 98

const window = 2 * 1024 * 1024
const session = (packetBytes = 32_768) => packet(channelOpen, 'session', 0, window, packetBytes)

async function expectAlive(): Promise<void> {
  expect(await fixture.ssh('ws', 'echo alive')).toMatchObject({ code: 0, stdout: 'alive\n' })
  await expect
    .poll(() => fixture.counts.read(), { timeout: 10_000 })
    .toEqual({ ssh: 0, vscode: 0, jetbrains: 0, connections: 0 })
}

test.each([
  ['a channel without room in its packets', [session(0), packet(channelRequest, 0, 'exec', true, 'echo output')]],
  [
    'an incomplete request for X11',
    [session(), packet(channelRequest, 0, 'x11-req', true, true), packet(channelRequest, 0, 'shell', true)],
  ],
  [
    'two programs in one session',
    [session(), packet(channelRequest, 0, 'shell', true), packet(channelRequest, 0, 'exec', true, 'true')],
  ],
  ['a forward to an invalid port', [packet(globalRequest, 'tcpip-forward', true, '127.0.0.1', 99_999)]],
])('%s affects no other connection', requires('ssh'), async (_name, payloads) => {
  await sendPackets(fixture.port, payloads)
  await expectAlive()
})

test('random packets affect no other connection', { timeout: 60_000, ...requires('ssh') }, async () => {
  const random = seededRandom(20_261_207)
  const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T
  const tail = () => Buffer.from(Array.from({ length: random(60) }, () => random(256)))
  const number = () => pick([0, 1, 5, 32_768, window, 99_999, 0xffff_ffff])
  const texts = ['127.0.0.1', '', 'no such host.', '/proc/none', 'hello']
  const requests = ['exec', 'shell', 'pty-req', 'env', 'window-change', 'signal', 'subsystem', 'x11-req']
  const globals = [
    'tcpip-forward',
    'cancel-tcpip-forward',
    'streamlocal-forward@openssh.com',
    'hostkeys-prove-00@openssh.com',
  ]
  const channels = ['session', 'direct-tcpip', 'direct-streamlocal@openssh.com', 'x11', 'unknown']
  const fields = (): Field[] => pick([[tail()], [pick(texts), number()], [number(), number(), tail()], []])
  const kinds = [
    () => packet(pick([1, 2, 4, 20, 21, 30, 50, 52, 60, 81, 82, 91, 92, 99, 100]), tail()),
    () => packet(channelRequest, random(3), pick(requests), random(2) === 1, ...fields()),
    () => packet(globalRequest, pick(globals), random(2) === 1, ...fields()),
    () => packet(channelOpen, pick(channels), random(4), number(), number(), ...fields()),
    () => packet(pick([93, 94, 95, 96, 97]), random(3), ...fields()),
  ]
  for (let connection = 0; connection < 100; connection++) {
    const payloads = Array.from({ length: 60 }, () => pick(kinds)())
    await sendPackets(fixture.port, [session(), ...payloads])
  }
  await expectAlive()
})

/** Mulberry32. @returns an integer below the limit */
function seededRandom(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b_79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}
