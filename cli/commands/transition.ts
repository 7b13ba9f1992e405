// `coder start`, `coder stop`, `coder delete`: one transition of one workspace, watched to its end.

import { type CreateWorkspaceBuildRequest, createBuild } from '../../api/builds.ts'
import type { Workspace } from '../../api/workspaces.ts'
import { followBuild, parsePairs, requireWorkspace } from '../build.ts'
import { connect } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { print } from '../output.ts'
import { confirm } from '../prompts.ts'

interface TransitionOptions extends GlobalOptions {
  readonly yes?: boolean
  readonly parameter?: readonly string[]
  readonly orphan?: boolean
}

export async function start([name = '']: readonly string[], options: TransitionOptions): Promise<void> {
  const rich_parameter_values = parsePairs(options.parameter ?? [], '--parameter')
  await build(name, options, { transition: 'start', rich_parameter_values })
}

export async function stop([name = '']: readonly string[], options: TransitionOptions): Promise<void> {
  await build(name, options, { transition: 'stop' })
}

export async function remove([name = '']: readonly string[], options: TransitionOptions): Promise<void> {
  await build(name, options, { transition: 'delete', ...(options.orphan ? { orphan: true } : {}) })
}

const questions = {
  start: null,
  stop: (name: string) => `Stop ${name}? What runs in it ends.`,
  delete: (name: string) => `Delete ${name}? What its template made for it goes too.`,
} as const

const ends = { start: 'is running', stop: 'is stopped', delete: 'is deleted' } as const

async function build(name: string, options: TransitionOptions, request: CreateWorkspaceBuildRequest): Promise<void> {
  const connection = await connect(options)
  const workspace = await requireWorkspace(connection, name)
  if (isDone(workspace, request)) return print(`${workspace.name} ${ends[request.transition]} already.`)
  const question = questions[request.transition]
  if (question) await confirm(question(workspace.name), { isSure: options.yes ?? false })
  const created = await connection.client.call(createBuild, {
    params: { workspace: workspace.id },
    body: { ...request, reason: 'cli' },
  })
  await followBuild(connection, created)
  print(`${workspace.name} ${ends[request.transition]}.`)
}

/** Starting a running workspace with new parameters is a build of its own. */
const isDone = ({ latest_build }: Workspace, { transition, rich_parameter_values }: CreateWorkspaceBuildRequest) =>
  (transition === 'start' && latest_build.status === 'running' && !rich_parameter_values?.length) ||
  (transition === 'stop' && latest_build.status === 'stopped')
