import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ReportedCommand } from '../api/agents/terminals.ts'
import type { Manifest } from './manifest.ts'
import { superviseServices } from './service-supervisor.ts'
import { findServices } from './services-program.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'coder-local-services-'))
const logFile = join(dataDir, 'log')
writeFileSync(logFile, '')

/** Installs services of this version: they log the received messages and send one of a kind unknown to the holder. */
function install(name: string, exitsOnLeave: boolean): void {
  const folder = join(dataDir, 'agent', name)
  mkdirSync(join(folder, 'agent'), { recursive: true })
  symlinkSync(process.execPath, join(folder, 'node'))
  writeFileSync(
    join(folder, 'agent', 'services.js'),
    `const { appendFileSync } = require('node:fs')
     process.on('message', (message) => {
       appendFileSync(${JSON.stringify(logFile)}, '${name} ' + message.kind + ' ' + (message.memory?.startup ?? message.command?.command ?? '') + '\\n')
       if (message.kind === 'start') {
         process.send({ kind: 'news', from: 'the future' })
         process.send({ kind: 'remember', memory: { ...message.memory, startup: 'ended' } })
         process.send({ kind: 'count' })
       }
       if (message.command?.command === 'arrived') process.send({ kind: 'commands kept', through: message.number })
       if ('${name}' === 'crashing' && message.command?.command === 'crash') process.exit(1)
       if (message.kind === 'stop' || (${exitsOnLeave} && message.kind === 'leave')) process.exit(0)
     })`,
  )
  writeFileSync(join(dataDir, 'agent', 'current'), `${name}\n`)
}

async function waitForLog(text: string): Promise<void> {
  for (const limit = Date.now() + 10_000; !readFileSync(logFile, 'utf8').includes(text); ) {
    if (Date.now() > limit) throw new Error(`no "${text}" in the log: ${readFileSync(logFile, 'utf8')}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('a holder starts the services of each newer agent with the stored state', async () => {
  install('1', false)
  const services = superviseServices(
    {} as Manifest,
    process.env,
    () => undefined,
    () => ({ attached: 0, rxBytes: 0, txBytes: 0 }),
    () => findServices(dataDir),
  )
  await waitForLog('1 start not begun\n1 counts')
  services.upgrade()
  install('2', true)
  services.upgrade()
  // The services of the first version ignore `leave` and are killed.
  await waitForLog('1 leave')
  await waitForLog('2 start ended\n2 counts')
  install('3', true)
  services.upgrade()
  await waitForLog('2 leave \n3 start ended\n3 counts')
  await services.stop(5_000)
  expect(readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1)).toBe('3 stop')
})

const reportedCommand = (command: string): ReportedCommand => ({
  session_id: 'one',
  command,
  cwd: '/',
  exit_code: 0,
  started_at: new Date().toISOString(),
  duration_ms: 1,
})

test('commands that the history has not stored when the services crash are sent to the next ones', async () => {
  install('crashing', true)
  const services = superviseServices(
    {} as Manifest,
    process.env,
    () => undefined,
    () => ({ attached: 0, rxBytes: 0, txBytes: 0 }),
    () => findServices(dataDir),
  )
  for (const command of ['before', 'arrived', 'unacknowledged', 'crash']) services.report(reportedCommand(command))
  await waitForLog('crashing command crash')
  install('next', true)
  services.report(reportedCommand('while away'))
  await waitForLog('next command while away')
  await services.stop(5_000)
  const received = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('next command'))
  expect(received.map((line) => line.replace('next command ', ''))).toEqual(['unacknowledged', 'crash', 'while away'])
})

test('services that cannot be started are retried after a delay', async () => {
  install('unstartable', true)
  const node = join(dataDir, 'agent', 'unstartable', 'node')
  rmSync(node)
  writeFileSync(node, '', { mode: 0o600 })
  const errors: string[] = []
  const services = superviseServices(
    {} as Manifest,
    process.env,
    (message) => {
      errors.push(message)
      rmSync(node)
      symlinkSync(process.execPath, node)
    },
    () => ({ attached: 0, rxBytes: 0, txBytes: 0 }),
    () => findServices(dataDir),
  )
  services.report(reportedCommand('meanwhile'))
  await waitForLog('unstartable command meanwhile')
  await services.stop(5_000)
  expect(errors).toEqual([expect.stringMatching(/could not be started .*EACCES.* Restarting in \d+ ms/)])
})

test('a holder uses its own services when the installed version is invalid or missing', () => {
  const { file } = findServices(undefined)
  writeFileSync(join(dataDir, 'agent', 'current'), '../../elsewhere\n')
  expect(findServices(dataDir).file).toBe(file)
  writeFileSync(join(dataDir, 'agent', 'current'), 'gone\n')
  expect(findServices(dataDir).file).toBe(file)
  rmSync(join(dataDir, 'agent', 'current'))
  expect(findServices(dataDir).file).toBe(file)
})
