// Builds that are interrupted by the end of coderd.

import { expect, test } from '@playwright/test'
import { getBuild, getBuildLogs } from '../../api/workspaces/builds.ts'
import { getWorkspace } from '../../api/workspaces/workspaces.ts'
import { build, createTemplate, createWorkspace, until, waitForBuild } from '../../server/testing/workspace-fixtures.ts'
import { closeDeployments, deploy } from '../support/deployment-fixture.ts'

test.afterEach(closeDeployments)

test.describe('an interrupted build', () => {
  const slowTemplate = {
    'main.tf': `
      terraform {
        required_providers {
          coder = { source = "coder/coder" }
        }
      }
      variable "file" {
        type    = string
        default = "started"
      }
      data "coder_workspace" "me" {}
      resource "terraform_data" "slow" {
        count = data.coder_workspace.me.start_count
        provisioner "local-exec" {
          command = "echo started; exec sleep 3600"
        }
      }
    `,
  }

  test('fails after kill -9 of coderd, and its workspace can be deleted', async () => {
    const deployment = await deploy()
    const { client } = await deployment.signIn()
    const template = await createTemplate(client, 'slow', slowTemplate)
    const { id, latest_build } = await createWorkspace(client, template.id, 'cut')
    const params = { workspacebuild: latest_build.id }
    await until('the command to run', async () =>
      (await client.call(getBuildLogs, { params })).some(({ output }) => output.includes('started')),
    )
    await deployment.killServer()
    await deployment.start()
    // The time limit for recovery after a crash.
    const { job } = await until(
      'the build to end',
      async () => finishedOrNull(await client.call(getBuild, { params })),
      10_000,
    )
    expect(job.status).toBe('failed')
    expect(job.error).not.toBe('')
    expect(await build(client, id, 'delete')).toMatchObject({ status: 'deleted' })
    await until('the command to exit', () => !deployment.processes().some(({ command }) => command === 'sleep 3600'))
    await expect(client.call(getWorkspace, { params: { workspace: id } })).rejects.toMatchObject({ status: 410 })
  })

  const finishedOrNull = <B extends { job: { status: string } }>(build: B) =>
    ['pending', 'running', 'canceling'].includes(build.job.status) ? null : build

  test('fails or is canceled after a shutdown of coderd, and its workspace can be deleted', async () => {
    const deployment = await deploy()
    const { client } = await deployment.signIn()
    const template = await createTemplate(client, 'slow', slowTemplate)
    const { id, latest_build } = await createWorkspace(client, template.id, 'cut')
    await until('the build to run', async () => {
      const { job } = await client.call(getBuild, { params: { workspacebuild: latest_build.id } })
      return job.status === 'running'
    })
    await deployment.stop()
    expect(deployment.processes()).toEqual([])
    await deployment.start()
    expect(['failed', 'canceled']).toContain((await waitForBuild(client, latest_build.id)).job.status)
    expect(await build(client, id, 'delete')).toMatchObject({ status: 'deleted' })
  })
})
