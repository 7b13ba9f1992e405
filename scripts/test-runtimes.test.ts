import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runQuietly } from './child-process.mjs'

// In a process of its own, because the cache is in the home folder at the start of the process. The runtime "demo" is the
// package demo-runtime. Every start is reported to the registry.
const installDemo = `
  import { existsSync } from 'node:fs'
  import { rename } from 'node:fs/promises'
  import path from 'node:path'
  import { runScript } from './progress.mjs'
  import { testCache } from './test-browsers.mjs'
  import { downloadPackage, installRuntime } from './test-runtimes.mjs'

  const folder = path.join(testCache, 'demo')
  await fetch(process.env.npm_config_registry + 'started')
  await runScript(() =>
    installRuntime(
      'demo',
      () => existsSync(folder),
      async (work) => rename(await downloadPackage('demo-runtime@1.0.0', process.env.ARCHIVE_SHA256, work), folder),
    ),
  )`

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'test-runtimes-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function packDemo(): Promise<Buffer> {
  const folder = makeFolder()
  mkdirSync(join(folder, 'package'))
  writeFileSync(join(folder, 'package/package.json'), JSON.stringify({ name: 'demo-runtime', version: '1.0.0' }))
  writeFileSync(join(folder, 'package/program'), 'a program')
  const { status, output } = await runQuietly('tar', ['-czf', join(folder, 'demo.tgz'), '-C', folder, 'package'])
  expect(status, output).toBe(0)
  return readFileSync(join(folder, 'demo.tgz'))
}

/** A registry with the package demo-runtime. It holds the archive back until `starts` installations have started. */
async function startRegistry(archive: Buffer, starts = 1) {
  const requests: string[] = []
  const allStarted = Promise.withResolvers<void>()
  const respond = async (url: string, response: ServerResponse) => {
    if (url === '/started') {
      if (requests.filter((request) => request === url).length === starts) allStarted.resolve()
      response.end()
    } else if (url === '/demo-runtime') {
      const version = { name: 'demo-runtime', version: '1.0.0', dist: { tarball: `${address}demo.tgz` } }
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify({ name: 'demo-runtime', versions: { '1.0.0': version } }))
    } else if (url === '/demo.tgz') {
      await allStarted.promise
      response.end(archive)
    } else {
      response.writeHead(404).end()
    }
  }
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    void respond(request.url ?? '', response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { address, requests }
}

function prepareHome() {
  const home = makeFolder()
  const cache = join(home, '.cache/coder-local-ci')
  mkdirSync(cache, { recursive: true })
  return { home, cache }
}

const install = (home: string, registry: string, archiveSha256: string) =>
  runQuietly(process.execPath, ['--input-type=module', '--eval', installDemo], {
    cwd: import.meta.dirname,
    env: {
      ...process.env,
      HOME: home,
      ARCHIVE_SHA256: archiveSha256,
      npm_config_registry: registry,
      npm_config_cache: join(home, '.npm'),
      npm_config_fetch_retries: '0',
    },
  })

test('two concurrent installations download a runtime once', async () => {
  const archive = await packDemo()
  const { home, cache } = prepareHome()
  const { address, requests } = await startRegistry(archive, 2)
  const results = await Promise.all([1, 2].map(() => install(home, address, sha256(archive))))
  expect(results).toEqual([
    { status: 0, output: '' },
    { status: 0, output: '' },
  ])
  expect(requests.filter((url) => url === '/demo.tgz')).toHaveLength(1)
  expect(readdirSync(cache)).toEqual(['demo'])
  expect(readFileSync(join(cache, 'demo/program'), 'utf8')).toBe('a program')
})

test('an installation removes the lock and leftovers of a killed one, but not those of other runtimes', async () => {
  const archive = await packDemo()
  const { home, cache } = prepareHome()
  for (const folder of ['fetch-demo-abcdef', 'fetch-other-abcdef'])
    mkdirSync(join(cache, folder, 'package'), { recursive: true })
  writeFileSync(join(cache, 'demo.lock'), String(spawnSync('true').pid))
  const { status, output } = await install(home, (await startRegistry(archive)).address, sha256(archive))
  expect(status, output).toBe(0)
  expect(readdirSync(cache).sort()).toEqual(['demo', 'fetch-other-abcdef'])
})

test('an archive with an unexpected checksum is rejected and leaves nothing behind', async () => {
  const archive = await packDemo()
  const { home, cache } = prepareHome()
  const { status, output } = await install(home, (await startRegistry(archive)).address, 'another')
  expect({ status, output }).toEqual({
    status: 1,
    output: `\ndemo-runtime@1.0.0 has an unexpected SHA-256: ${sha256(archive)}.\n`,
  })
  expect(readdirSync(cache)).toEqual([])
})

test('a failed download states the reason and leaves nothing behind', async () => {
  const { home, cache } = prepareHome()
  const { address } = await startRegistry(Buffer.from('not an archive'))
  const { status, output } = await install(home, `${address}nowhere/`, 'any')
  expect({ status, output }).toEqual({
    status: 1,
    output: `\nCould not download demo-runtime@1.0.0: Not Found - GET ${address}nowhere/demo-runtime\n`,
  })
  expect(readdirSync(cache)).toEqual([])
})
