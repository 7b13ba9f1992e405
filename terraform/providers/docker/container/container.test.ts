// Containers of the `docker` provider, in a real engine.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDockerEngine, type TestEngine, testImage } from '../../../../lib/testing/docker-engine.ts'
import { requires } from '../../../../lib/testing/requirements.ts'
import type { State } from '../../../engine/state/state.ts'
import { type DockerBuildOptions, runDocker, summariesOf } from '../testing/run-docker.ts'

describe('docker_container', requires('linux', 'root', 'dockerd', 'busybox', 'docker'), () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startDockerEngine()
  })
  afterAll(() => engine.stop())

  const run = (text: string, state: State | null = null, options: DockerBuildOptions = {}) =>
    runDocker(engine, text, state, options)
  const container = (body: string, image = testImage) =>
    `resource "docker_container" "c" {\n  name  = "box"\n  image = "${image}"\n  ${body}\n}\n`
  const sleeping = 'command = ["sleep", "1000"]'
  const attributesOf = (state: State) => state.resources[0]?.instances[0]?.attributes ?? {}
  const inspect = (format: string) => engine.docker('inspect', 'box', '--format', format)
  const destroy = async (state: State) => {
    expect((await run('', state, { mode: 'destroy' })).diagnostics).toEqual([])
    expect(engine.docker('ps', '--all', '--quiet')).toBe('')
  }

  test('arguments reach the container', async () => {
    const { state, diagnostics } = await run(
      container(`${sleeping}
        hostname    = "machine"
        env         = ["A=1", "B=two words"]
        working_dir = "/tmp"
        user        = "1000:1000"
        memory      = 64
        cpus        = "0.5"
        read_only   = true
        tmpfs       = { "/scratch" = "size=1m" }
        group_add   = ["27"]
        host {
          host = "host.docker.internal"
          ip   = "host-gateway"
        }
        capabilities {
          drop = ["ALL"]
        }
        ulimit {
          name = "nofile"
          soft = 100
          hard = 200
        }
        labels {
          label = "coder.owner"
          value = "ann"
        }
        healthcheck {
          test     = ["CMD", "true"]
          interval = "1m30s"
        }`),
    )
    expect(diagnostics).toEqual([])
    const script =
      'hostname; echo $A $B; pwd; id -u; ulimit -n; touch /x 2>&1; ' +
      'grep -c host.docker.internal /etc/hosts; df /scratch | wc -l; grep CapBnd /proc/1/status | tr -d "\\t"'
    expect(engine.docker('exec', 'box', 'sh', '-c', script).split('\n')).toEqual([
      'machine',
      '1 two words',
      '/tmp',
      '1000',
      '100',
      'touch: /x: Read-only file system',
      '1',
      '2',
      'CapBnd:0000000000000000',
    ])
    expect(inspect('{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.Config.Healthcheck.Interval}}')).toBe(
      '67108864 500000000 90000000000',
    )
    expect(attributesOf(state)).toMatchObject({ network_mode: 'bridge', exit_code: 0, must_run: true, bridge: '' })
    await destroy(state)
  })

  test('files are uploaded before the start', async () => {
    const { state, diagnostics } = await run(
      container(`command = ["sh", "-c", "cat /etc/motd /data/bytes; stat -c %a /etc/motd /data/bytes"]
        attach   = true
        logs     = true
        must_run = false
        upload {
          file       = "/etc/motd"
          content    = "hello"
          executable = true
        }
        upload {
          file           = "/data/bytes"
          content_base64 = base64encode(" there\\n")
          permissions    = "0600"
        }`),
    )
    expect(diagnostics).toEqual([])
    expect(attributesOf(state).container_logs).toBe('hello there\n744\n600\n')
    await destroy(state)
  })

  test('a container is mounted on volumes, of which the deletion keeps the named ones', async () => {
    const text = `resource "docker_volume" "home" {
        name = "home"
      }
      ${container(`${sleeping}
        volumes {
          container_path = "/home/ann"
          volume_name    = docker_volume.home.name
        }
        volumes {
          container_path = "/anonymous"
        }
        mounts {
          target = "/memory"
          type   = "tmpfs"
          tmpfs_options {
            size_bytes = 1048576
          }
        }`)}`
    const started = await run(text)
    expect(started.diagnostics).toEqual([])
    engine.docker('exec', 'box', 'sh', '-c', 'echo kept > /home/ann/file')
    expect(engine.docker('exec', 'box', 'sh', '-c', 'df /memory | tail -1 | tr -s " " | cut -d" " -f2')).toBe('1024')
    expect((await run(text, started.state)).changes).toEqual([])
    const stopped = await run(
      text.replace('"docker_container" "c" {', '"docker_container" "c" {\n  count = 0'),
      started.state,
    )
    expect(stopped.changes).toEqual(['delete docker_container.c[0]'])
    expect(engine.docker('volume', 'ls', '--quiet')).toBe('home')
    const again = await run(text, stopped.state)
    expect(engine.docker('exec', 'box', 'cat', '/home/ann/file')).toBe('kept')
    await destroy(again.state)
  })

  test('a changed argument replaces the container, except limits, which are changed in place', async () => {
    const { state } = await run(container(sleeping))
    const id = attributesOf(state).id
    const limited = await run(container(`${sleeping}\n  cpu_shares = 512\n  restart = "unless-stopped"`), state)
    expect(limited.changes).toEqual(['update docker_container.c'])
    expect(inspect('{{.HostConfig.CpuShares}} {{.HostConfig.RestartPolicy.Name}}')).toBe('512 unless-stopped')
    expect(attributesOf(limited.state).id).toBe(id)
    const replaced = await run(container(`${sleeping}\n  env = ["A=1"]`), limited.state)
    expect(replaced.changes).toEqual(['replace docker_container.c'])
    expect(attributesOf(replaced.state).id).not.toBe(id)
    await destroy(replaced.state)
  })

  test('a container that was removed is created again, and a stopped one is started', async () => {
    const { state } = await run(container(sleeping))
    engine.docker('kill', 'box')
    const started = await run(container(sleeping), state)
    expect(started.changes).toEqual(['update docker_container.c'])
    expect(inspect('{{.State.Running}}')).toBe('true')
    engine.docker('rm', '--force', 'box')
    const created = await run(container(sleeping), started.state)
    expect(created.changes).toEqual(['create docker_container.c'])
    await destroy(created.state)
  })

  test('a container whose creation was not recorded is replaced, and one of another program is not', async () => {
    await run(container(sleeping))
    const again = await run(container(sleeping))
    expect(again.diagnostics).toEqual([])
    await destroy(again.state)
    engine.docker('run', '--detach', '--name', 'box', testImage, 'sleep', '100')
    const refused = await run(container(sleeping))
    expect(refused.diagnostics[0]?.detail).toContain('is used by a container that this workspace did not create')
    expect(refused.state.resources).toEqual([])
    engine.docker('rm', '--force', 'box')
  })

  test('a container is attached to networks and published on a free port', async () => {
    const { state, diagnostics } = await run(
      `resource "docker_network" "one" {\n  name = "one"\n}\nresource "docker_network" "two" {\n  name = "two"\n}
      ${container(`command = ["httpd", "-f", "-p", "80"]
        networks_advanced {
          name    = docker_network.one.name
          aliases = ["web"]
        }
        networks_advanced {
          name = docker_network.two.id
        }
        ports {
          internal = 80
        }`)}`,
    )
    expect(diagnostics).toEqual([])
    const found = state.resources.find(({ type }) => type === 'docker_container')?.instances[0]?.attributes as {
      ports: { external: number }[]
      network_data: { network_name: string }[]
    }
    expect(found.ports[0]?.external).toBeGreaterThan(1024)
    expect(found.network_data.map(({ network_name }) => network_name).sort()).toEqual(['one', 'two'])
    expect(engine.docker('run', '--rm', '--network', 'one', testImage, 'nslookup', 'web')).toContain('Name:\tweb')
    await destroy(state)
  })

  test('attach waits for the end and reads the logs and the status', async () => {
    const { state, diagnostics } = await run(
      container(
        'command = ["sh", "-c", "echo out; echo err >&2; exit 3"]\n attach = true\n logs = true\n must_run = false',
      ),
    )
    expect(diagnostics).toEqual([])
    expect(attributesOf(state).exit_code).toBe(3)
    expect(String(attributesOf(state).container_logs).split('\n').sort()).toEqual(['', 'err', 'out'])
    await destroy(state)
  })

  test('wait needs a healthy container', async () => {
    const check = (command: string) =>
      container(
        `${sleeping}\n  wait = true\n  healthcheck {\n    test = ["CMD", "${command}"]\n    interval = "1s"\n    retries = 1\n  }`,
      )
    const healthy = await run(check('true'))
    expect(healthy.diagnostics).toEqual([])
    await destroy(healthy.state)
    const sick = await run(check('false'))
    expect(sick.diagnostics[0]?.detail).toContain('The container is unhealthy')
    await destroy(sick.state)
  })

  test('a program that does not exist is an error, and the container is cleaned up', async () => {
    const { state, diagnostics } = await run(container('command = ["no-such-program"]'))
    expect(diagnostics[0]).toMatchObject({
      summary: 'Container not started',
      detail: expect.stringContaining('no-such-program'),
    })
    await destroy(state)
  })

  test('an image that does not exist is an error', async () => {
    const built = await run(container(sleeping, '127.0.0.1:9/none:1'))
    expect(summariesOf(built)).toEqual(['Container not created'])
    expect(built.diagnostics[0]?.detail).toContain('Could not pull the image 127.0.0.1:9/none:1')
  })

  test.each([
    ['gpus = "1"', 'Unsupported GPUs'],
    ['upload {\n    file = "/x"\n  }', 'Invalid upload'],
    ['colour = "red"', 'Unsupported argument'],
  ])('%s is rejected', async (body, summary) => {
    expect(summariesOf(await run(container(body)))).toEqual([summary])
  })
})
