// Volumes and networks of the `docker` provider, in a real engine.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDockerEngine, type TestEngine } from '../../../lib/testing/docker-engine.ts'
import { requires } from '../../../lib/testing/requirements.ts'
import type { State } from '../../engine/state/state.ts'
import { build, templateOf } from '../../testing/build-fixture.ts'
import { dockerProvider } from './provider.ts'
import { type DockerBuildOptions, runDocker, summariesOf } from './testing/run-docker.ts'

test('an engine that does not run is explained', async () => {
  const environment = { DOCKER_HOST: 'unix:///nowhere/docker.sock' }
  const providers = [dockerProvider({ workspaceId: 'ws-1', environment })]
  const { diagnostics } = await build(templateOf('resource "docker_volume" "home" {}'), { providers })
  expect(diagnostics[0]?.detail).toContain('Could not connect to the Docker engine at unix:///nowhere/docker.sock')
  expect(diagnostics[0]?.detail).toContain('Install and start Docker')
})

describe('with an engine', requires('linux', 'root', 'dockerd', 'busybox', 'docker'), () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startDockerEngine()
  })
  afterAll(() => engine.stop())

  const run = (text: string, state: State | null = null, options: DockerBuildOptions = {}) =>
    runDocker(engine, text, state, options)

  const labelled = (name: string) => `
    resource "docker_volume" "home" {
      name = "${name}"
      labels {
        label = "coder.owner"
        value = "ann"
      }
    }`

  test('a volume is created with its labels, kept, and deleted', async () => {
    const { state, diagnostics } = await run(labelled('home'))
    expect(diagnostics).toEqual([])
    expect(engine.docker('volume', 'inspect', 'home', '--format', '{{index .Labels "coder.owner"}}')).toBe('ann')
    expect((await run(labelled('home'), state)).changes).toEqual([])
    const replaced = await run(labelled('other'), state)
    expect(replaced.changes).toEqual(['replace docker_volume.home'])
    const destroyed = await run('', replaced.state, { mode: 'destroy' })
    expect(destroyed.diagnostics).toEqual([])
    expect(engine.docker('volume', 'ls', '--quiet')).toBe('')
  })

  test('a volume that was removed by hand is created again', async () => {
    const { state } = await run(labelled('gone'))
    engine.docker('volume', 'rm', 'gone')
    const again = await run(labelled('gone'), state)
    expect(again.changes).toEqual(['create docker_volume.home'])
    await run('', again.state, { mode: 'destroy' })
  })

  test('a volume of another program or workspace is neither taken over nor deleted', async () => {
    engine.docker('volume', 'create', 'precious')
    const { state } = await run(labelled('precious'))
    expect(state.resources).toEqual([])
    expect(summariesOf(await run(labelled('precious')))).toEqual(['Docker volume exists already'])
    const theirs = await run(labelled('theirs'), null, { workspaceId: 'ws-2' })
    expect(summariesOf(await run('', theirs.state, { mode: 'destroy' }))).toEqual(['Docker volume not deleted'])
    await run('', theirs.state, { mode: 'destroy', workspaceId: 'ws-2' })
    engine.docker('volume', 'rm', 'precious')
  })

  test('a volume whose creation was not recorded is used again', async () => {
    const { state } = await run(labelled('crash'))
    const again = await run(labelled('crash'))
    expect(again.state.resources[0]?.instances).toEqual(state.resources[0]?.instances)
    await run('', again.state, { mode: 'destroy' })
  })

  test('an existing volume can be imported', async () => {
    engine.docker('volume', 'create', 'adopted')
    const text = `${labelled('adopted').replace(/labels \{[^}]*\}/, '')}\nimport {\n  to = docker_volume.home\n  id = "adopted"\n}`
    const { changes, state, diagnostics } = await run(text)
    expect(diagnostics).toEqual([])
    expect(changes).toEqual([])
    await run('', state, { mode: 'destroy' })
    expect(engine.docker('volume', 'ls', '--quiet')).toBe('')
  })

  const network = `
    resource "docker_network" "private" {
      name     = "private"
      internal = true
      ipam_config {
        subnet  = "10.99.0.0/24"
        gateway = "10.99.0.7"
      }
    }`

  test('a network is created with its address pool, and deleted with containers attached', async () => {
    const { state, diagnostics } = await run(network)
    expect(diagnostics).toEqual([])
    const format = '{{.Internal}} {{(index .IPAM.Config 0).Gateway}}'
    expect(engine.docker('network', 'inspect', 'private', '--format', format)).toBe('true 10.99.0.7')
    expect((await run(network, state)).changes).toEqual([])
    engine.docker('run', '--detach', '--network', 'private', 'coder-local-test', 'sleep', '100')
    const destroyed = await run('', state, { mode: 'destroy' })
    expect(destroyed.diagnostics).toEqual([])
    expect(engine.docker('network', 'ls', '--format', '{{.Name}}').split('\n')).not.toContain('private')
  })

  test('a network that was removed by hand is created again, and a foreign one is not taken over', async () => {
    const { state } = await run(network)
    engine.docker('network', 'rm', 'private')
    expect((await run(network, state)).changes).toEqual(['create docker_network.private'])
    expect(summariesOf(await run(network, null, { workspaceId: 'ws-2' }))).toEqual(['Docker network exists already'])
    engine.docker('network', 'rm', 'private')
  })
})
