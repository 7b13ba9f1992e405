// Creates templates, workspaces, builds and agents through the API. Needs only a client, so it works with a coderd inside
// the test and with one in another process.

import { setTimeout as sleep } from 'node:timers/promises'
import { pack } from 'tar-stream'
import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { Client } from '../../api/client.ts'
import { getThisComputer } from '../../api/local.ts'
import { tarType, uploadFile } from '../../api/templates/files.ts'
import {
  type CreateTemplateVersionRequest,
  createTemplateVersion,
  getTemplateVersion,
  getTemplateVersionLogs,
} from '../../api/templates/template-versions.ts'
import { createTemplate as createTemplateEndpoint, type Template } from '../../api/templates/templates.ts'
import { createBuild, getBuild, getBuildLogs, type WorkspaceBuild } from '../../api/workspaces/builds.ts'
import { updateWorkspaceDormancy } from '../../api/workspaces/workspace-schedules.ts'
import {
  createWorkspace as createWorkspaceEndpoint,
  getWorkspace,
  type Workspace,
} from '../../api/workspaces/workspaces.ts'

// Short enough not to slow tests down.
const pollEveryMs = 20

/** Polls until the result is not null, undefined or false.
 *  @param condition for the error: `Waited 60 s for …`
 *  @returns the result */
export async function until<T>(
  condition: string,
  poll: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  // Monotonic: the clock of a suspended virtual machine jumps.
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const result = await poll()
    if (result !== null && result !== undefined && result !== false) return result
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs / 1000} s for ${condition}.`)
    await sleep(pollEveryMs)
  }
}

/** Creates a template after the successful import of the files, given by name. */
export async function createTemplate(client: Client, name: string, files: Record<string, string>): Promise<Template> {
  const versionId = await importVersion(client, files)
  const params = { organization: 'default' }
  return client.call(createTemplateEndpoint, { params, body: { name, template_version_id: versionId } })
}

/** Imports a template version. @returns its ID. @throws Error with the log if the import failed. */
export async function importVersion(
  client: Client,
  files: Record<string, string>,
  more: Partial<CreateTemplateVersionRequest> = {},
): Promise<string> {
  const { hash } = await client.call(uploadFile, { bytes: { type: tarType, data: await packFiles(files) } })
  const version = await client.call(createTemplateVersion, {
    params: { organization: 'default' },
    body: { storage_method: 'file', file_id: hash, provisioner: 'terraform', ...more },
  })
  const params = { templateversion: version.id }
  const { job } = await until('the import to end', async () => {
    const now = await client.call(getTemplateVersion, { params })
    return isCompleted(now.job.status) && now
  })
  if (job.status === 'succeeded') return version.id
  const log = await client.call(getTemplateVersionLogs, { params })
  throw new Error(`The import ${job.status}: ${job.error}\n${log.map(({ output }) => output).join('\n')}`)
}

const isCompleted = (status: string) => status === 'succeeded' || status === 'failed' || status === 'canceled'

async function packFiles(files: Record<string, string>): Promise<Buffer> {
  const archive = pack()
  for (const [name, text] of Object.entries(files)) archive.entry({ name, mtime: new Date(0) }, text)
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

/** The ID of the template "This computer", once it is imported. */
export async function findLocalTemplate(client: Client): Promise<string> {
  return until('the template "This computer"', async () => (await client.call(getThisComputer)).template_id)
}

/** Creates a workspace of the client's user. Does not wait for its first build. */
export async function createWorkspace(
  client: Client,
  templateId: string,
  name: string,
  parameters: Record<string, string> = {},
): Promise<Workspace> {
  return client.call(createWorkspaceEndpoint, {
    params: { user: 'me' },
    body: {
      name,
      template_id: templateId,
      rich_parameter_values: Object.entries(parameters).map(([name, value]) => ({ name, value })),
    },
  })
}

/** Starts a build and waits for its completion. @throws Error if it did not succeed. */
export async function build(
  client: Client,
  workspaceId: string,
  transition: WorkspaceBuild['transition'],
): Promise<WorkspaceBuild> {
  const { id } = await client.call(createBuild, { params: { workspace: workspaceId }, body: { transition } })
  return expectSuccess(client, await waitForBuild(client, id))
}

/** The completed build, whatever its status. */
export async function waitForBuild(client: Client, buildId: string): Promise<WorkspaceBuild> {
  return until('the build to end', async () => {
    const now = await client.call(getBuild, { params: { workspacebuild: buildId } })
    return isCompleted(now.job.status) && now
  })
}

/** @throws Error with the log if the build did not succeed */
export async function expectSuccess(client: Client, build: WorkspaceBuild): Promise<WorkspaceBuild> {
  if (build.job.status === 'succeeded') return build
  const log = await client.call(getBuildLogs, { params: { workspacebuild: build.id } })
  throw new Error(
    `The ${build.transition} build ${build.job.status}: ${build.job.error}\n${log.map(({ output }) => output).join('\n')}`,
  )
}

/** The first agent of a workspace, once it is connected. @throws Error if the build fails. */
export async function waitForAgent(client: Client, workspaceId: string): Promise<WorkspaceAgent> {
  return until('the agent to connect', async () => {
    const { latest_build } = await client.call(getWorkspace, { params: { workspace: workspaceId } })
    if (latest_build.job.status === 'failed') await expectSuccess(client, latest_build)
    const agent = agentsOf(latest_build)[0]
    return latest_build.status === 'running' && agent?.status === 'connected' && agent
  })
}

export const agentsOf = (build: WorkspaceBuild): WorkspaceAgent[] =>
  build.resources.flatMap(({ agents }) => agents ?? [])

/** Creates a workspace on this computer. Its agent is connected. */
export async function createLocalWorkspace(
  client: Client,
  name: string,
): Promise<{ workspace: Workspace; agent: WorkspaceAgent }> {
  const workspace = await createWorkspace(client, await findLocalTemplate(client), name)
  const agent = await waitForAgent(client, workspace.id)
  return { workspace, agent }
}

/** Deletes a workspace in any state, and its processes with it. */
export async function removeWorkspace(client: Client, id: string): Promise<void> {
  const params = { workspace: id }
  const { dormant_at: dormantAt, latest_build: latest } = await client.call(getWorkspace, { params })
  await waitForBuild(client, latest.id)
  if (dormantAt !== null) await client.call(updateWorkspaceDormancy, { params, body: { dormant: false } })
  await build(client, id, 'delete')
}
