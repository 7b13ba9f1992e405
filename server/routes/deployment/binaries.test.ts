// The program for other machines: fetched as clients of Coder fetch it, and run where nothing of this deployment is.

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
let elsewhere: string

beforeAll(async () => {
  server = await startTestServer()
  elsewhere = mkdtempSync(join(tmpdir(), 'another machine '))
})
afterAll(async () => {
  await server.close()
  rmSync(elsewhere, { recursive: true, force: true })
})

const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}/bin/${path}`, { headers })
const options = { skip: name === '', timeout: 60_000 }

test('what runs from its sources has nothing to hand out, and says what to do', async () => {
  expect(await (await ask('')).json()).toEqual([])
  for (const [path, words] of [
    [name, 'npm start'],
    ['coder-windows-amd64.exe', 'CODER_AGENT_URL'],
    [`${name}.asc`, 'not signed'],
    ['..%2f..%2fetc%2fpasswd', 'CODER_AGENT_URL'],
  ] as const) {
    const answer = await ask(path)
    expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
      path,
      404,
      'application/json; charset=utf-8',
    ])
    expect(((await answer.json()) as { detail: string }).detail).toContain(words)
  }
})

test('a built one is one file that runs on another machine, known by its tag', {
  ...options,
  ...requires('curl'),
}, async () => {
  const bundles = { agent: join(elsewhere, 'built', 'agent'), cli: join(elsewhere, 'built', 'cli') }
  for (const folder of [join(bundles.agent, 'native'), bundles.cli]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(bundles.agent, 'main.js'), `console.log('agent of', process.env.CODER_AGENT_URL)`)
  writeFileSync(join(bundles.cli, 'coder.js'), `console.log('command line', ...process.argv.slice(2))`)
  Object.assign(server.context, { agentBinDir: installAgent(server.dataDir, bundles) })

  expect(await (await ask('')).json()).toEqual([name])
  // So the editor's extension begins: it has none yet, and wants it as it is.
  const answer = await ask(name.replace(/-(?=\w+$)/, '_'), { 'if-none-match': '""', 'accept-encoding': 'identity' })
  const file = Buffer.from(await answer.arrayBuffer())
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-encoding')]).toEqual([
    200,
    'application/octet-stream',
    null,
  ])
  expect([answer.headers.get('content-length'), answer.headers.get('x-original-content-length')]).toEqual([
    String(file.length),
    String(file.length),
  ])
  const etag = answer.headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[0-9a-f]{40}"$/)
  expect((await ask(name, { 'if-none-match': etag })).status).toBe(304)

  const program = join(elsewhere, 'coder')
  writeFileSync(program, file)
  chmodSync(program, 0o755)
  const env = { PATH: '/usr/bin:/bin', HOME: elsewhere }
  const run = (...args: string[]) => execFileSync(program, args, { encoding: 'utf8', env }).trim()
  expect(run('version', 'a b')).toBe('command line version a b')
  const unpacked = () => readdirSync(join(elsewhere, '.cache', 'coder-local'))
  expect(unpacked()).toHaveLength(1)
  expect(run('list')).toBe('command line list')
  expect(unpacked()).toHaveLength(1)

  // The script of a machine that has no coder command fetches it.
  const [, os = '', arch = ''] = name.split('-')
  const script = agentInitScript(server.url, os, arch)
  const bare = { ...env, CODER_AGENT_TOKEN: 'x' }
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { env: bare })
  expect(stdout.trim()).toBe(`agent of ${server.url}`)

  // And so does whoever follows the page of Coder that says how to install it.
  const installer = await (await fetch(`${server.url}/install.sh`)).text()
  const install = async (path: string, ...args: string[]) => {
    const sh = promisify(execFile)('sh', ['-s', '--', '--prefix', elsewhere, ...args], { env: { ...env, PATH: path } })
    sh.child.stdin?.end(installer)
    return (await sh).stdout
  }
  const folder = join(elsewhere, 'bin')
  expect(await install(env.PATH, '--dry-run')).toBe(`${server.url}/bin/${name} would become ${folder}/coder.\n`)
  expect(await install(`${env.PATH}:${folder}`)).toBe(
    `coder is installed as ${folder}/coder.\nSign in: coder login ${server.url}\n`,
  )
  expect(execFileSync(join(folder, 'coder'), ['list'], { encoding: 'utf8', env })).toBe('command line list\n')
  // What is not ours stays.
  writeFileSync(join(folder, 'coder'), '#!/bin/sh\necho somebody else')
  expect(await install(`${folder}:${env.PATH}`)).toContain(`coder-local is installed as ${folder}/coder-local.`)
  expect(readFileSync(join(folder, 'coder'), 'utf8')).toContain('somebody else')
  const refused = { code: 1, stderr: expect.stringContaining('--help') }
  await expect(install(env.PATH, '--nonsense')).rejects.toMatchObject(refused)
})
