// Runs builds in a loop, to measure their effect on other work.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import {
  createLocalWorkspace,
  createTemplate,
  createWorkspace,
  waitForBuild,
} from '../server/testing/workspace-fixtures.ts'
import type { Fixture } from './fixture.ts'

/** Stops the loop and returns the number of builds. */
type StopBuilding = () => Promise<number>

// As much work for coderd as a typical template, without started programs.
const twelveResources = {
  'main.tf': `
    terraform {
      required_providers {
        coder = { source = "coder/coder" }
      }
    }
    data "coder_workspace" "me" {}
    resource "coder_agent" "main" {
      os   = "linux"
      arch = "amd64"
    }
    resource "terraform_data" "one" {
      count = data.coder_workspace.me.start_count * 12
      input = format("%s-%02d", data.coder_workspace.me.name, count.index)
    }
  `,
}

/** Builds a workspace of twelve resources that start no program. */
export async function startBuilding(fixture: Fixture): Promise<StopBuilding> {
  const template = await createTemplate(fixture.client, 'twelve-resources', twelveResources)
  const { id, latest_build } = await createWorkspace(fixture.client, template.id, 'twelve-resources')
  await waitForBuild(fixture.client, latest_build.id)
  return loop(fixture, id)
}

/** Stops and starts a workspace on this computer: two Node.js programs each time. */
export async function startRestarting(fixture: Fixture): Promise<StopBuilding> {
  const { workspace } = await createLocalWorkspace(fixture.client, 'restarting')
  return loop(fixture, workspace.id)
}

function loop({ deployment, token }: Fixture, workspaceId: string): StopBuilding {
  const program = fileURLToPath(new URL('./build-loop-program.ts', import.meta.url))
  const child = fork(program, [deployment.url, token, workspaceId])
  return async () => {
    child.send('stop')
    const [builds] = (await once(child, 'message')) as [number]
    return builds
  }
}
