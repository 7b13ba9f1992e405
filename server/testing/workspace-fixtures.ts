// A vocabulary for scenes: templates, workspaces, builds and agents, made through the API as any client makes them.
// Knows only a client, so it serves a coderd inside the test as well as one in a process of its own.

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

// How often a question is asked again. Nothing is measured with it.
const askEveryMs = 20

/** Asks until the answer is neither null, undefined nor false.
 *  @param what completes the sentence of the error: `waited 60 s for …` */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`)
    await sleep(askEveryMs)
  }
}

/** A template made of these files, by name: its import has succeeded. */
export async function createTemplate(client: Client, name: string, files: Record<string, string>): Promise<Template> {
  const versionId = await importVersion(client, files)
  const params = { organization: 'default' }
  return client.call(createTemplateEndpoint, { params, body: { name, template_version_id: versionId } })
}

/** @returns the id of a version whose import has ended well. @throws Error with the import's log. */
export async function importVersion(
  client: Client,
  files: Record<string, string>,
  more: Partial<CreateTemplateVersionRequest> = {},
): Promise<string> {
  const { hash } = await client.call(uploadFile, { bytes: { type: tarType, data: await tarOf(files) } })
  const version = await client.call(createTemplateVersion, {
    params: { organization: 'default' },
    body: { storage_method: 'file', file_id: hash, provisioner: 'terraform', ...more },
  })
  const params = { templateversion: version.id }
  const { job } = await until('the import to end', async () => {
    const now = await client.call(getTemplateVersion, { params })
    return isOver(now.job.status) && now
  })
  if (job.status === 'succeeded') return version.id
  const log = await client.call(getTemplateVersionLogs, { params })
  throw new Error(`the import is ${job.status}: ${job.error}\n${log.map(({ output }) => output).join('\n')}`)
}

const isOver = (status: string) => status === 'succeeded' || status === 'failed' || status === 'canceled'

async function tarOf(files: Record<string, string>): Promise<Buffer> {
  const archive = pack()
  for (const [name, text] of Object.entries(files)) archive.entry({ name, mtime: new Date(0) }, text)
  archive.finalize()
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

/** The template of this computer, as soon as its import has ended. */
export async function findThisComputer(client: Client): Promise<string> {
  return until('the template "This computer"', async () => (await client.call(getThisComputer)).template_id)
}

/** Asks for a workspace of one's own. Its first build has not ended yet. */
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

/** Asks for a build and waits for its end. @throws Error when it did not succeed. */
export async function build(
  client: Client,
  workspaceId: string,
  transition: WorkspaceBuild['transition'],
): Promise<WorkspaceBuild> {
  const { id } = await client.call(createBuild, { params: { workspace: workspaceId }, body: { transition } })
  return succeeded(client, await waitForBuild(client, id))
}

/** The build once it has ended, however it did. */
export async function waitForBuild(client: Client, buildId: string): Promise<WorkspaceBuild> {
  return until('the build to end', async () => {
    const now = await client.call(getBuild, { params: { workspacebuild: buildId } })
    return isOver(now.job.status) && now
  })
}

/** @throws Error with the build's log when it did not succeed. */
export async function succeeded(client: Client, build: WorkspaceBuild): Promise<WorkspaceBuild> {
  if (build.job.status === 'succeeded') return build
  const log = await client.call(getBuildLogs, { params: { workspacebuild: build.id } })
  throw new Error(
    `the ${build.transition} is ${build.job.status}: ${build.job.error}\n${log.map(({ output }) => output).join('\n')}`,
  )
}

/** The workspace's first agent, once its start has succeeded and it is connected. */
export async function waitForAgent(client: Client, workspaceId: string): Promise<WorkspaceAgent> {
  return until('the agent to connect', async () => {
    const { latest_build } = await client.call(getWorkspace, { params: { workspace: workspaceId } })
    if (latest_build.job.status === 'failed') await succeeded(client, latest_build)
    const agent = agentsOf(latest_build)[0]
    return latest_build.status === 'running' && agent?.status === 'connected' && agent
  })
}

export const agentsOf = (build: WorkspaceBuild): WorkspaceAgent[] =>
  build.resources.flatMap(({ agents }) => agents ?? [])

/** A workspace of this computer with its agent connected. */
export async function createThisComputer(
  client: Client,
  name: string,
): Promise<{ workspace: Workspace; agent: WorkspaceAgent }> {
  const workspace = await createWorkspace(client, await findThisComputer(client), name)
  const agent = await waitForAgent(client, workspace.id)
  return { workspace, agent }
}

/** Deletes a workspace whatever was done to it, and with it the programs that it started. */
export async function removeWorkspace(client: Client, id: string): Promise<void> {
  const params = { workspace: id }
  const { dormant_at: dormantAt, latest_build: latest } = await client.call(getWorkspace, { params })
  await waitForBuild(client, latest.id)
  if (dormantAt !== null) await client.call(updateWorkspaceDormancy, { params, body: { dormant: false } })
  await build(client, id, 'delete')
}
