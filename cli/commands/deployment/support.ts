// `coder support bundle`: collects diagnostics of the deployment and of a workspace into an archive for support. It contains
// no secrets: coderd redacts its settings, and values of environment variables are removed here.

import { existsSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { resolve } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { getListeningPorts } from '../../../api/agents/agent-measurements.ts'
import { getAgentLogs, type WorkspaceAgent } from '../../../api/agents/agents.ts'
import type { Client } from '../../../api/client.ts'
import {
  getBuildInfo,
  getDeploymentConfig,
  getDeploymentStats,
  listExperiments,
} from '../../../api/deployment/deployment.ts'
import { getEntitlements } from '../../../api/deployment/entitlements.ts'
import { getHealth, getHealthSettings, getMetrics } from '../../../api/deployment/health.ts'
import { listRegions } from '../../../api/deployment/regions.ts'
import { downloadFile } from '../../../api/templates/files.ts'
import { getTemplateVersion } from '../../../api/templates/template-versions.ts'
import { getTemplate, type Template } from '../../../api/templates/templates.ts'
import { getBuildLogs, getBuildParameters, getBuildTimings } from '../../../api/workspaces/builds.ts'
import { listWorkspaces, type Workspace } from '../../../api/workspaces/workspaces.ts'
import { coderVersion, version } from '../../../lib/version.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireTemplate } from '../../lookup/find-template.ts'
import { requireWorkspace } from '../../lookup/find-workspace.ts'
import { CommandError, describeError } from '../../output/errors.ts'
import { note, print } from '../../output/print.ts'
import { confirm } from '../../prompts/prompts.ts'

interface BundleOptions extends GlobalOptions {
  readonly outputFile?: string
  readonly template?: string
  /** Maximum number of workspaces; 10 by default, unlimited for 0 and below. */
  readonly workspacesTotalCap?: number
  readonly urlOverride?: string
  readonly yes?: boolean
}

/** Loaders of the files, by path in the archive. If a loader fails, its error becomes the content of the file. */
type Files = Readonly<Record<string, () => Promise<unknown>>>

export async function bundle([name, agentName]: readonly string[], options: BundleOptions): Promise<void> {
  const file = resolve(options.outputFile ?? `coder-support-${Math.floor(Date.now() / 1000)}.zip`)
  if (existsSync(file))
    throw new CommandError(`${file} already exists.`, { hint: 'choose another file with --output-file.' })
  const connection = await connect(options.urlOverride ? { ...options, url: options.urlOverride } : options)
  const { client } = connection
  // Fails early when the deployment is unreachable.
  await client.call(getBuildInfo)
  const workspace = name ? await requireWorkspace(connection, name) : null
  const agent = workspace && findAgent(workspace, agentName)
  const template = options.template ? await requireTemplate(connection, options.template, undefined) : null
  await confirm('Collect settings, logs and the template? Review the archive before you share it.', {
    skip: options.yes ?? false,
    defaultsToYes: true,
  })
  const files = {
    ...deploymentFiles(client, options.workspacesTotalCap ?? 10),
    ...(template ? templateFiles(client, template) : {}),
    ...(workspace ? workspaceFiles(client, workspace) : {}),
    ...(agent ? agentFiles(client, agent) : {}),
  }
  const log: string[] = []
  const collected = await collect(files, log)
  writeFileSync(file, zipSync({ ...collected, 'cli_logs.txt': strToU8(log.join('')) }), { mode: 0o600 })
  print(`The support bundle was written to ${file}.`)
}

/** @param log receives a line for each file */
async function collect(files: Files, log: string[]): Promise<Record<string, Uint8Array>> {
  const entries = Object.entries(files).map(async ([name, load]) => {
    const since = performance.now()
    const content = await load().catch((error: unknown) => {
      note(`${name}: ${describeError(error).split('\n')[0]}`)
      return { error: describeError(error) }
    })
    log.push(`${new Date().toISOString()} ${name} after ${Math.round(performance.now() - since)}ms\n`)
    return [name, toBytes(content)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

function toBytes(content: unknown): Uint8Array {
  if (content instanceof Uint8Array) return content
  return strToU8(typeof content === 'string' ? content : JSON.stringify(content, null, 2))
}

const deploymentFiles = (client: Client, workspacesCap: number): Files => ({
  'cli.json': async () => ({
    version,
    compatible_with: coderVersion,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  }),
  'deployment/buildinfo.json': () => client.call(getBuildInfo),
  'deployment/config.json': () => client.call(getDeploymentConfig),
  'deployment/stats.json': () => client.call(getDeploymentStats),
  'deployment/experiments.json': () => client.call(listExperiments),
  'deployment/entitlements.json': () => client.call(getEntitlements),
  'deployment/health_settings.json': () => client.call(getHealthSettings),
  // Empty when metrics are disabled.
  'deployment/prometheus.txt': () => client.bytes(getMetrics).catch(() => ''),
  'deployment/workspaces.json': async () => {
    const query = { q: '', ...(workspacesCap > 0 ? { limit: workspacesCap } : {}) }
    return withoutValues(await client.call(listWorkspaces, { query }))
  },
  'network/interfaces.json': async () => networkInterfaces(),
  'deployment/health.json': () => client.call(getHealth, { query: {} }),
  'deployment/regions.json': () => client.call(listRegions),
})

function workspaceFiles(client: Client, workspace: Workspace): Files {
  const { latest_build: build } = workspace
  const params = { workspacebuild: build.id }
  const version = { templateversion: build.template_version_id }
  return {
    'workspace/workspace.json': async () => withoutValues(workspace),
    'workspace/parameters.json': () => client.call(getBuildParameters, { params }),
    'workspace/timings.json': () => client.call(getBuildTimings, { params }),
    'workspace/build_logs.txt': async () => {
      const lines = await client.call(getBuildLogs, { params, query: {} })
      return lines.map((line) => `${line.created_at} [${line.log_level}] [${line.stage}] ${line.output}\n`).join('')
    },
    'workspace/template.json': () => client.call(getTemplate, { params: { template: workspace.template_id } }),
    'workspace/template_version.json': () => client.call(getTemplateVersion, { params: version }),
    'workspace/template_file.zip': () => downloadArchive(client, build.template_version_id),
  }
}

const templateFiles = (client: Client, template: Template): Files => ({
  'templates/template.json': async () => template,
  'templates/template_version.json': () =>
    client.call(getTemplateVersion, { params: { templateversion: template.active_version_id } }),
  'templates/template_file.zip': () => downloadArchive(client, template.active_version_id),
})

/** The archive of a template version. */
async function downloadArchive(client: Client, templateversion: string): Promise<Uint8Array> {
  const { job } = await client.call(getTemplateVersion, { params: { templateversion } })
  return client.bytes(downloadFile, { params: { fileID: job.file_id }, query: { format: 'zip' } })
}

const agentFiles = (client: Client, agent: WorkspaceAgent): Files => ({
  'agent/agent.json': async () => withoutValues(agent),
  'agent/listening_ports.json': () => client.call(getListeningPorts, { params: { workspaceagent: agent.id } }),
  'agent/startup_logs.txt': async () => {
    const lines = await client.call(getAgentLogs, { params: { workspaceagent: agent.id }, query: {} })
    return lines.map((line) => `${line.created_at} [${line.level}] ${line.output}\n`).join('')
  },
})

/** Redacts the values of environment variables, which may be secrets. */
function withoutValues(content: unknown): unknown {
  return JSON.parse(
    JSON.stringify(content, (key, value: unknown) =>
      key === 'environment_variables' && typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.keys(value).map((name) => [name, '***']))
        : value,
    ),
  )
}

function findAgent(workspace: Workspace, name: string | undefined): WorkspaceAgent | null {
  const agents = workspace.latest_build.resources.flatMap((resource) => resource.agents ?? [])
  const agent = name ? agents.find((candidate) => candidate.name === name) : agents[0]
  if (name && !agent)
    throw new CommandError(`Workspace ${workspace.name} has no agent ${name}.`, {
      detail: `Agents: ${agents.map((candidate) => candidate.name).join(', ') || 'none'}`,
    })
  return agent ?? null
}
