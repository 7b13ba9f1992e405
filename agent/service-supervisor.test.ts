import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ReportedCommand } from '../api/agents/terminals.ts'
import type { Manifest } from './manifest.ts'
import { superviseServices } from './service-supervisor.ts'
import { findServices } from './services-program.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'coder-local-services-'))
const said = join(dataDir, 'said')
writeFileSync(said, '')

/** Services of some version, which say what they hear, and something that this holder does not know. */
function install(name: string, leaves: boolean): void {
  const folder = join(dataDir, 'agent', name)
  mkdirSync(join(folder, 'agent'), { recursive: true })
  symlinkSync(process.execPath, join(folder, 'node'))
  writeFileSync(
    join(folder, 'agent', 'services.js'),
    `const { appendFileSync } = require('node:fs')
     process.on('message', (message) => {
       appendFileSync(${JSON.stringify(said)}, '${name} ' + message.kind + ' ' + (message.memory?.startup ?? message.command?.command ?? '') + '\\n')
       if (message.kind === 'start') {
         process.send({ kind: 'news', from: 'the future' })
         process.send({ kind: 'remember', memory: { ...message.memory, startup: 'ended' } })
         process.send({ kind: 'count' })
       }
       if (message.command?.command === 'arrived') process.send({ kind: 'commands kept', through: message.number })
       if ('${name}' === 'crashing' && message.command?.command === 'crash') process.exit(1)
       if (message.kind === 'stop' || (${leaves} && message.kind === 'leave')) process.exit(0)
     })`,
  )
  writeFileSync(join(dataDir, 'agent', 'current'), `${name}\n`)
}

async function untilSaid(text: string): Promise<void> {
  for (const limit = Date.now() + 10_000; !readFileSync(said, 'utf8').includes(text); ) {
    if (Date.now() > limit) throw new Error(`waited in vain for ${text}: ${readFileSync(said, 'utf8')}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('a holder that lives on starts the services of each newer agent, which know what was begun', async () => {
  install('1', false)
  const services = superviseServices(
    {} as Manifest,
    process.env,
    () => undefined,
    () => ({ attached: 0, rxBytes: 0, txBytes: 0 }),
    () => findServices(dataDir),
  )
  await untilSaid('1 start not begun\n1 counts')
  services.renew()
  install('2', true)
  services.renew()
  // Those of the first version do not know the word, and are ended for it.
  await untilSaid('1 leave')
  await untilSaid('2 start ended\n2 counts')
  install('3', true)
  services.renew()
  await untilSaid('2 leave \n3 start ended\n3 counts')
  await services.stop(5_000)
  expect(readFileSync(said, 'utf8').trimEnd().split('\n').at(-1)).toBe('3 stop')
})

const ran = (command: string): ReportedCommand => ({
  session_id: 'one',
  command,
  cwd: '/',
  exit_code: 0,
  started_at: new Date().toISOString(),
  duration_ms: 1,
})

test('a command that has not arrived in the history when the services crash is told to the next ones', async () => {
  install('crashing', true)
  const services = superviseServices(
    {} as Manifest,
    process.env,
    () => undefined,
    () => ({ attached: 0, rxBytes: 0, txBytes: 0 }),
    () => findServices(dataDir),
  )
  for (const command of ['before', 'arrived', 'under way', 'crash']) services.report(ran(command))
  await untilSaid('crashing command crash')
  install('next', true)
  services.report(ran('while away'))
  await untilSaid('next command while away')
  await services.stop(5_000)
  const heard = readFileSync(said, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('next command'))
  expect(heard.map((line) => line.replace('next command ', ''))).toEqual(['under way', 'crash', 'while away'])
})

test('services that the system does not let start are started once it does', async () => {
  install('unstartable', true)
  const node = join(dataDir, 'agent', 'unstartable', 'node')
  rmSync(node)
  writeFileSync(node, '', { mode: 0o600 })
  const troubles: string[] = []
  const services = superviseServices(
    {} as Manifest,
    process.env,
    (trouble) => {
      troubles.push(trouble)
      rmSync(node)
      symlinkSync(process.execPath, node)
    },
    () => ({ attached: 0, rxBytes: 0, txBytes: 0 }),
    () => findServices(dataDir),
  )
  services.report(ran('meanwhile'))
  await untilSaid('unstartable command meanwhile')
  await services.stop(5_000)
  expect(troubles).toEqual([expect.stringMatching(/could not be started .*EACCES.* Restarting in \d+ ms/)])
})

test('a folder that names nothing that is there leaves a holder to its own services', () => {
  const { file } = findServices(undefined)
  writeFileSync(join(dataDir, 'agent', 'current'), '../../elsewhere\n')
  expect(findServices(dataDir).file).toBe(file)
  writeFileSync(join(dataDir, 'agent', 'current'), 'gone\n')
  expect(findServices(dataDir).file).toBe(file)
  rmSync(join(dataDir, 'agent', 'current'))
  expect(findServices(dataDir).file).toBe(file)
})
