import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { maxReportedCommands, type ReportedCommand } from '../../api/agents/terminals.ts'
import { createClient } from '../../api/client.ts'
import { createCommandReports } from './command-reports.ts'

const received: ReportedCommand[][] = []
/** Acknowledged command numbers. */
const stored: number[] = []
/** Error statuses of the next responses. */
const failures: number[] = []
const server = createServer(async (request, response) => {
  const { commands } = JSON.parse(Buffer.concat(await request.toArray()).toString())
  const status = failures.shift() ?? 204
  if (status === 204) received.push(commands)
  response.writeHead(status).end(status === 204 ? '' : '{"message":"not now"}')
})
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => server.close())

const reportedCommand = (command: string): ReportedCommand => ({
  session_id: 'one',
  command,
  cwd: '/',
  exit_code: 0,
  started_at: new Date().toISOString(),
  duration_ms: 1,
})

function open() {
  received.length = 0
  stored.length = 0
  let number = 0
  const { port } = server.address() as AddressInfo
  const reports = createCommandReports(
    createClient({ baseUrl: `http://127.0.0.1:${port}`, token: 'token' }),
    (through) => stored.push(through),
  )
  return { ...reports, add: (command: ReportedCommand) => reports.add(command, ++number) }
}

test('commands are sent in batches of the accepted size and retried after errors', async () => {
  const reports = open()
  failures.push(503, 401)
  const count = maxReportedCommands + 5
  for (let at = 0; at < count; at++) reports.add(reportedCommand(`echo ${at}`))
  await reports.flush()
  expect(received.map(({ length }) => length)).toEqual([maxReportedCommands, 5])
  expect(received.flat().at(-1)?.command).toBe(`echo ${count - 1}`)
  expect(stored).toEqual([maxReportedCommands, count])
})

test('commands added during a request are sent by the same flush, later ones by the next', async () => {
  const reports = open()
  reports.add(reportedCommand('one'))
  const sent = reports.flush()
  reports.add(reportedCommand('two'))
  await sent
  // A flush without waiting commands, as after the batch interval.
  await reports.flush()
  reports.add(reportedCommand('three'))
  await reports.flush()
  expect(received.flat().map(({ command }) => command)).toEqual(['one', 'two', 'three'])
})

test('commands that start with a blank, are empty or contain control characters are not sent', async () => {
  const reports = open()
  for (const command of [' secret', '', '\tsecret', 'echo a\0b', 'echo a\x1b', 'echo ab\ud800'])
    reports.add(reportedCommand(command))
  await reports.flush()
  expect(received.flat().map(({ command }) => command)).toEqual(['echo ab\ufffd'])
})
