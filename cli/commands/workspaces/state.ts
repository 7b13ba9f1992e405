// `coder state pull` and `push`: downloads and uploads the Terraform state of a workspace, for manual repairs.

import { readFileSync, writeFileSync } from 'node:fs'
import { createBuild, getBuildState, updateBuildState } from '../../../api/workspaces/builds.ts'
import { followBuild } from '../../builds/follow-build.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireBuild } from '../../lookup/find-workspace.ts'
import { CommandError } from '../../output/errors.ts'
import { note, print } from '../../output/print.ts'

interface StateOptions extends GlobalOptions {
  /** The number of `--build`, or false for `--no-build`. */
  readonly build?: number | boolean
}

export async function pullState([name = '', file]: readonly string[], options: StateOptions): Promise<void> {
  const connection = await connect(options)
  const build = await requireBuild(connection, name, toBuildNumber(options))
  const state = await connection.client.bytes(getBuildState, { params: { workspacebuild: build.id } })
  if (!file || file === '-') process.stdout.write(state)
  else writeFileSync(file, state, { mode: 0o600 })
}

export async function pushState([name = '', file = '']: readonly string[], options: StateOptions): Promise<void> {
  const state = readState(file)
  const connection = await connect(options)
  const build = await requireBuild(connection, name, toBuildNumber(options))
  if (options.build === false) {
    const params = { workspacebuild: build.id }
    await connection.client.call(updateBuildState, { params, body: { state: state.toString('base64') } })
    return print(`The state of build ${build.build_number} of ${build.workspace_name} was replaced.`)
  }
  const created = await connection.client.call(createBuild, {
    params: { workspace: build.workspace_id },
    body: {
      transition: build.transition,
      template_version_id: build.template_version_id,
      state: state.toString('base64'),
      reason: 'cli',
    },
  })
  await followBuild(connection, created)
  print(`${build.workspace_name} was built from the pushed state.`)
}

function readState(file: string): Buffer {
  if (file === '-') note('Reading the state from stdin.')
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new CommandError(`Could not read the state ${file}.`, { detail: (error as Error).message })
  }
}

const toBuildNumber = ({ build }: StateOptions): number => (typeof build === 'number' ? build : 0)
