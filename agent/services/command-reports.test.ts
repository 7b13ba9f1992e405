import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { maxReportedCommands, type ReportedCommand } from '../../api/agents/terminals.ts'
import { createClient } from '../../api/client.ts'
import { createCommandReports } from './command-reports.ts'

const received: ReportedCommand[][] = []
/** Up to which number they were told to have arrived, each time. */
const kept: number[] = []
/** Statuses that are answered before all is well. */
const troubles: number[] = []
const server = createServer(async (request, answer) => {
  const { commands } = JSON.parse(Buffer.concat(await request.toArray()).toString())
  const status = troubles.shift() ?? 204
  if (status === 204) received.push(commands)
  answer.writeHead(status).end(status === 204 ? '' : '{"message":"not now"}')
})
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => server.close())

const ran = (command: string): ReportedCommand => ({
  session_id: 'one',
  command,
  cwd: '/',
  exit_code: 0,
  started_at: new Date().toISOString(),
  duration_ms: 1,
})

function open() {
  received.length = 0
  kept.length = 0
  let number = 0
  const { port } = server.address() as AddressInfo
  const reports = createCommandReports(
    createClient({ baseUrl: `http://127.0.0.1:${port}`, token: 'token' }),
    (through) => kept.push(through),
  )
  return { ...reports, add: (command: ReportedCommand) => reports.add(command, ++number) }
}

test('commands are sent together, in pieces that are taken, again while nobody takes them', async () => {
  const reports = open()
  troubles.push(503, 401)
  const count = maxReportedCommands + 5
  for (let at = 0; at < count; at++) reports.add(ran(`echo ${at}`))
  await reports.flush()
  expect(received.map(({ length }) => length)).toEqual([maxReportedCommands, 5])
  expect(received.flat().at(-1)?.command).toBe(`echo ${count - 1}`)
  expect(kept).toEqual([maxReportedCommands, count])
})

test('commands that come while others are on their way go with them, and later ones after them', async () => {
  const reports = open()
  reports.add(ran('one'))
  const sent = reports.flush()
  reports.add(ran('two'))
  await sent
  // As when its second is over and everything has gone already.
  await reports.flush()
  reports.add(ran('three'))
  await reports.flush()
  expect(received.flat().map(({ command }) => command)).toEqual(['one', 'two', 'three'])
})

test('what began with a blank, and what nobody told the text of, stays here; what cannot be kept is left out', async () => {
  const reports = open()
  for (const command of [' secret', '', '\tsecret', 'echo a\0b\ud800']) reports.add(ran(command))
  await reports.flush()
  expect(received.flat().map(({ command }) => command)).toEqual(['echo ab\ufffd'])
})
