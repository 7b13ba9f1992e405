// Images of the `docker` provider, in a real engine.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDockerEngine, type TestEngine, testImage } from '../../../../lib/testing/docker-engine.ts'
import { requires } from '../../../../lib/testing/requirements.ts'
import type { State } from '../../../engine/state/state.ts'
import { readProgress } from '../engine/progress.ts'
import { logOf, runDocker, summariesOf } from '../testing/run-docker.ts'
import { createIgnoreMatcher } from './docker-ignore.ts'
import { splitTag } from './pull.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'docker-image-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

test.each([
  ['alpine', 'alpine', 'latest'],
  ['alpine:3', 'alpine', '3'],
  ['localhost:5000/a/b', 'localhost:5000/a/b', 'latest'],
  ['ghcr.io/a@sha256:12', 'ghcr.io/a', 'sha256:12'],
])('the name %s has a repository and a tag', (name, repository, tag) => {
  expect(splitTag(name)).toEqual([repository, tag])
})

test('.dockerignore excludes files, and the last match decides', () => {
  writeFileSync(join(dir, '.dockerignore'), '# comment\n*.log\n**/*.tmp\nnode_modules/\n!node_modules/keep\n/a?[xy]\n')
  const isIgnored = createIgnoreMatcher(dir)
  const paths = [
    'x.log',
    'b/x.log',
    'b/c.tmp',
    'c.tmp',
    'node_modules',
    'node_modules/a/b',
    'node_modules/keep',
    'abx',
    'abz',
  ]
  expect(paths.filter(isIgnored)).toEqual(['x.log', 'b/c.tmp', 'c.tmp', 'node_modules', 'node_modules/a/b', 'abx'])
  rmSync(join(dir, '.dockerignore'))
})

test('the progress of a pull is logged in steps', async () => {
  const line = (status: string, current: number) =>
    `${JSON.stringify({ id: 'layer', status, progressDetail: { current, total: 1e8 } })}\n`
  const server = createServer((_, response) => {
    for (let percent = 0; percent <= 100; percent++) response.write(line('Downloading', percent * 1e6))
    response.end(line('Download complete', 1e8))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { get } = await import('node:http')
  const messages: string[] = []
  await new Promise<void>((done) => {
    get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' }, async (response) => {
      await readProgress(response, 'Pulling x', { log: (_, message) => messages.push(message) })
      done()
    })
  })
  server.close()
  expect(messages).toHaveLength(10)
  expect(messages.at(-1)).toBe('Pulling x: 100.0 of 100.0 MB (1 layers)')
})

describe('docker_image', requires('linux', 'root', 'dockerd', 'busybox', 'docker'), () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startDockerEngine()
  })
  afterAll(() => engine.stop())

  const run = (text: string, state: State | null = null, mode?: 'destroy') =>
    runDocker(engine, text, state, { dir, ...(mode && { mode }) })

  const built = (trigger: string) => `
    resource "docker_image" "tools" {
      name = "tools:1"
      build {
        context    = "context"
        tag        = ["tools:latest"]
        build_args = { GREETING = "hello" }
        label      = { author = "ann" }
      }
      triggers = { hash = "${trigger}" }
    }
    resource "docker_container" "c" {
      name     = "box"
      image    = docker_image.tools.image_id
      attach   = true
      logs     = true
      must_run = false
    }`

  test('an image is built from a folder, rebuilt on a trigger and removed', async () => {
    mkdirSync(join(dir, 'context/sub'), { recursive: true })
    writeFileSync(join(dir, 'context/sub/file'), 'from the context')
    writeFileSync(join(dir, 'context/secret'), 'no')
    writeFileSync(join(dir, 'context/.dockerignore'), 'secret\n')
    writeFileSync(
      join(dir, 'context/Dockerfile'),
      `FROM ${testImage}\nARG GREETING\nENV GREETING=$GREETING\nCOPY . /data\nCMD echo $GREETING $(cat /data/sub/file) $(ls /data)\n`,
    )
    const first = await run(built('1'))
    expect(first.diagnostics).toEqual([])
    expect(logOf(first).join('\n')).toContain(`: FROM ${testImage}`)
    const container = (state: State) => state.resources.find(({ type }) => type === 'docker_container')?.instances[0]
    expect(container(first.state)?.attributes.container_logs).toBe('hello from the context Dockerfile sub\n')
    expect(engine.docker('images', '--format', '{{.Tag}}', 'tools').split('\n').sort()).toEqual(['1', 'latest'])
    expect((await run(built('1'), first.state)).changes).toEqual([])
    const second = await run(built('2'), first.state)
    expect(second.changes).toContain('replace docker_image.tools')
    expect((await run('', second.state, 'destroy')).diagnostics).toEqual([])
    expect(engine.docker('images', '--quiet', 'tools:1')).toBe('')
  })

  test('a failing step of a build is an error with its output in the log', async () => {
    mkdirSync(join(dir, 'broken'), { recursive: true })
    writeFileSync(join(dir, 'broken/Dockerfile'), `FROM ${testImage}\nRUN echo about to fail && false\n`)
    const failed = await run('resource "docker_image" "b" {\n  name = "b"\n  build {\n    context = "broken"\n  }\n}')
    expect(summariesOf(failed)).toEqual(['Image build failed'])
    expect(logOf(failed).join('\n')).toContain('about to fail')
  })

  test('an image in the engine is used without a registry, and stays while others use it', async () => {
    const text = `resource "docker_image" "base" {\n  name = "${testImage}"\n}
      data "docker_image" "same" {\n  name = "${testImage}"\n}
      resource "docker_tag" "extra" {\n  source_image = docker_image.base.name\n  target_image = "extra:2"\n}
      output "same" {\n  value = data.docker_image.same.id == docker_image.base.image_id\n}`
    engine.docker('run', '--detach', '--name', 'user', testImage, 'sleep', '100')
    const { state, diagnostics } = await run(text)
    expect(diagnostics).toEqual([])
    expect(state.outputs.same?.value).toBe(true)
    expect(engine.docker('images', '--format', '{{.Tag}}', 'extra')).toBe('2')
    const destroyed = await run('', state, 'destroy')
    expect(destroyed.diagnostics).toEqual([])
    expect(logOf(destroyed).join()).toContain('stays in the engine')
    expect(engine.docker('images', '--quiet', testImage)).not.toBe('')
    engine.docker('rm', '--force', 'user')
  })

  test('an image that cannot be pulled is explained', async () => {
    const pulled = await run('resource "docker_image" "x" {\n  name = "127.0.0.1:9/none"\n}')
    expect(pulled.diagnostics[0]?.detail).toMatch(/Could not pull the image 127\.0\.0\.1:9\/none: .*docker login/s)
  })
})
