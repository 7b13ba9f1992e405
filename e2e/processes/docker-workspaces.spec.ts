// Workspaces in Docker containers whose network has no route to coderd, which listens on loopback.

import { expect, test } from '@playwright/test'
import { getWorkspace } from '../../api/workspaces/workspaces.ts'
import { startDockerEngine, type TestEngine, testImage } from '../../lib/testing/docker-engine.ts'
import { explainMissing, findProgram } from '../../scripts/system-packages.mjs'
import { build, createTemplate, createWorkspace, until, waitForAgent } from '../../server/testing/workspace-fixtures.ts'
import { closeDeployments, deploy } from '../support/deployment-fixture.ts'
import { openTerminal } from '../support/terminal-client.ts'

const missing = (['dockerd', 'docker', 'busybox'] as const).find((program) => !findProgram(program))
test.skip(missing !== undefined, missing && explainMissing(missing))
test.skip(process.getuid?.() !== 0, 'This test needs root.')

let engine: TestEngine
test.beforeAll(async () => {
  engine = await startDockerEngine()
})
test.afterAll(() => engine.stop())
test.afterEach(closeDeployments)

/** Coder's starter "docker" in short. */
const template = (container = '') => ({
  'main.tf': `
    terraform {
      required_providers {
        coder  = { source = "coder/coder" }
        docker = { source = "kreuzwerker/docker" }
      }
    }
    data "coder_workspace" "me" {}
    resource "coder_agent" "main" {
      os   = "linux"
      arch = "amd64"
      startup_script = "echo prepared > ~/prepared"
    }
    resource "docker_volume" "home" {
      name = "home-\${data.coder_workspace.me.id}"
    }
    resource "docker_container" "workspace" {
      count      = data.coder_workspace.me.start_count
      image      = "${testImage}"
      name       = "workspace-\${data.coder_workspace.me.id}"
      hostname   = data.coder_workspace.me.name
      entrypoint = ["sh", "-c", replace(coder_agent.main.init_script, "/localhost|127\\\\.0\\\\.0\\\\.1/", "host.docker.internal")]
      env        = ["CODER_AGENT_TOKEN=\${coder_agent.main.token}", "HOME=/home"]
      host {
        host = "host.docker.internal"
        ip   = "host-gateway"
      }
      volumes {
        container_path = "/home"
        volume_name    = docker_volume.home.name
      }
      ${container}
    }
  `,
})

test('a container without a route to coderd has terminals and scripts, also after coderd was killed', async () => {
  const deployment = await deploy({ env: { DOCKER_HOST: engine.url } })
  const { client, token } = await deployment.signIn()
  const { id: templateId } = await createTemplate(client, 'docker', template())
  const workspace = await createWorkspace(client, templateId, 'boxed')
  const agent = await waitForAgent(client, workspace.id)
  const terminal = await openTerminal({ url: deployment.url, token, agentId: agent.id })
  terminal.type('echo in-$(hostname); coder --help | grep -c Usage; cat ~/prepared\r')
  await terminal.waitForText('in-boxed')
  await terminal.waitForText('prepared')
  await terminal.detach()

  // The bridge is opened again after coderd was killed.
  await deployment.killServer()
  await deployment.start()
  const again = await until('a terminal', () =>
    openTerminal({ url: deployment.url, token, agentId: agent.id }).catch(() => null),
  )
  again.type('echo again-$(hostname)\r')
  await again.waitForText('again-boxed')
  await again.detach()

  await build(client, workspace.id, 'stop')
  expect(engine.docker('ps', '--all', '--quiet', '--filter', 'name=workspace-')).toBe('')
  await build(client, workspace.id, 'start')
  const next = await waitForAgent(client, workspace.id)
  const second = await openTerminal({ url: deployment.url, token, agentId: next.id })
  second.type('cat ~/prepared\r')
  await second.waitForText('prepared')
  await second.detach()
  await build(client, workspace.id, 'delete')
  expect(engine.docker('volume', 'ls', '--quiet', '--filter', 'name=home-')).toBe('')
  await expect(client.call(getWorkspace, { params: { workspace: workspace.id } })).rejects.toMatchObject({
    status: 410,
  })
})

test('works with a read-only file system and without root', async () => {
  const deployment = await deploy({ env: { DOCKER_HOST: engine.url } })
  const { client } = await deployment.signIn()
  const { id: templateId } = await createTemplate(client, 'docker', template('read_only = true\nuser = "1000:1000"'))
  const workspace = await createWorkspace(client, templateId, 'strict')
  await waitForAgent(client, workspace.id)
  await build(client, workspace.id, 'delete')
})
