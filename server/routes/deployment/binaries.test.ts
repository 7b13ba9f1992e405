// Downloads of the portable program: the requests of Coder's clients, and runs of the program on a machine without a deployment.

import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requires } from '../../../lib/testing/requirements.ts'
import { portableName } from '../../deployment/portable-program.ts'
import { agentInitScript } from '../../provisioner/init-script.ts'
import { installAgent } from '../../provisioner/install-agent.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'

const name = portableName() ?? ''
let server: TestServer
let otherMachine: string

beforeAll(async () => {
  server = await startTestServer()
  otherMachine = mkdtempSync(join(tmpdir(), 'another machine '))
})
afterAll(async () => {
  await server.close()
  rmSync(otherMachine, { recursive: true, force: true })
})

const download = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}/bin/${path}`, { headers })
const options = { skip: name === '', timeout: 60_000 }

test('a deployment started from source has no downloads, and the error gives the next step', async () => {
  expect(await (await download('')).json()).toEqual([])
  for (const [path, words] of [
    [name, 'npm start'],
    ['coder-windows-amd64.exe', 'CODER_AGENT_URL'],
    [`${name}.asc`, 'not signed'],
    ['..%2f..%2fetc%2fpasswd', 'CODER_AGENT_URL'],
  ] as const) {
    const response = await download(path)
    expect([path, response.status, response.headers.get('content-type')]).toEqual([
      path,
      404,
      'application/json; charset=utf-8',
    ])
    expect(((await response.json()) as { detail: string }).detail).toContain(words)
  }
})

test('a built deployment offers a single file with an ETag that runs on another machine', {
  ...options,
  ...requires('curl'),
}, async () => {
  const bundles = { agent: join(otherMachine, 'built', 'agent'), cli: join(otherMachine, 'built', 'cli') }
  for (const folder of [join(bundles.agent, 'native'), bundles.cli]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(bundles.agent, 'main.js'), `console.log('agent of', process.env.CODER_AGENT_URL)`)
  writeFileSync(join(bundles.cli, 'coder.js'), `console.log('command line', ...process.argv.slice(2))`)
  Object.assign(server.context, { agentBinDir: installAgent(server.dataDir, bundles) })

  expect(await (await download('')).json()).toEqual([name])
  // The first request of the editor extension: no cached copy, no compression.
  const response = await download(name.replace(/-(?=\w+$)/, '_'), {
    'if-none-match': '""',
    'accept-encoding': 'identity',
  })
  const file = Buffer.from(await response.arrayBuffer())
  expect([response.status, response.headers.get('content-type'), response.headers.get('content-encoding')]).toEqual([
    200,
    'application/octet-stream',
    null,
  ])
  expect([response.headers.get('content-length'), response.headers.get('x-original-content-length')]).toEqual([
    String(file.length),
    String(file.length),
  ])
  const etag = response.headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[0-9a-f]{40}"$/)
  expect((await download(name, { 'if-none-match': etag })).status).toBe(304)

  const program = join(otherMachine, 'coder')
  writeFileSync(program, file)
  chmodSync(program, 0o755)
  const env = { PATH: '/usr/bin:/bin', HOME: otherMachine }
  const run = (...args: string[]) => execFileSync(program, args, { encoding: 'utf8', env }).trim()
  expect(run('version', 'a b')).toBe('command line version a b')
  const unpacked = () => readdirSync(join(otherMachine, '.cache', 'coder-local'))
  expect(unpacked()).toHaveLength(1)
  expect(run('list')).toBe('command line list')
  expect(unpacked()).toHaveLength(1)

  // The init script downloads the program when the machine has no coder command.
  const [, os = '', arch = ''] = name.split('-')
  const script = agentInitScript(server.url, os, arch)
  const bare = { ...env, CODER_AGENT_TOKEN: 'x' }
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { env: bare })
  expect(stdout.trim()).toBe(`agent of ${server.url}`)

  // The install script of Coder's documentation downloads it too.
  const installer = await (await fetch(`${server.url}/install.sh`)).text()
  const install = async (path: string, ...args: string[]) => {
    const sh = promisify(execFile)('sh', ['-s', '--', '--prefix', otherMachine, ...args], {
      env: { ...env, PATH: path },
    })
    sh.child.stdin?.end(installer)
    return (await sh).stdout
  }
  const folder = join(otherMachine, 'bin')
  expect(await install(env.PATH, '--dry-run')).toBe(`Would install ${server.url}/bin/${name} as ${folder}/coder.\n`)
  expect(await install(`${env.PATH}:${folder}`)).toBe(
    `coder is installed as ${folder}/coder.\nSign in: coder login ${server.url}\n`,
  )
  expect(execFileSync(join(folder, 'coder'), ['list'], { encoding: 'utf8', env })).toBe('command line list\n')
  // Another program named coder is not overwritten.
  writeFileSync(join(folder, 'coder'), '#!/bin/sh\necho another program')
  expect(await install(`${folder}:${env.PATH}`)).toContain(`coder-local is installed as ${folder}/coder-local.`)
  expect(readFileSync(join(folder, 'coder'), 'utf8')).toContain('another program')
  const usageError = { code: 1, stderr: expect.stringContaining('--help') }
  await expect(install(env.PATH, '--nonsense')).rejects.toMatchObject(usageError)
})
