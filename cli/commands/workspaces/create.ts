// `coder create`: creates a workspace from a template and follows its first build.

import { getUser } from '../../../api/account/users.ts'
import { listTemplates, type Template } from '../../../api/templates/templates.ts'
import { getBuildParameters } from '../../../api/workspaces/builds.ts'
import { createWorkspace, getWorkspaceByName } from '../../../api/workspaces/workspaces.ts'
import { parseAutostart } from '../../arguments/autostart-schedule.ts'
import { parseDuration } from '../../arguments/durations.ts'
import type { NamedValue } from '../../arguments/name-value-pairs.ts'
import { requireValidName, validateName } from '../../arguments/names.ts'
import { followBuild } from '../../builds/follow-build.ts'
import { type ParameterFlags, promptForPreset, resolveParameters } from '../../builds/resolve-parameters.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { nullOn404 } from '../../connection/null-on-404.ts'
import { requireVersion } from '../../lookup/find-template.ts'
import { parseWorkspaceName, requireWorkspace } from '../../lookup/find-workspace.ts'
import { waitForStarterTemplate } from '../../lookup/wait-for-starter-template.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'
import { promptText, select } from '../../prompts/prompts.ts'

interface CreateOptions extends GlobalOptions, ParameterFlags {
  readonly template?: string
  readonly templateVersion?: string
  readonly startAt?: string
  readonly stopAfter?: string
  readonly automaticUpdates: 'always' | 'never'
  readonly copyParametersFrom?: string
  readonly org?: string
  readonly wait: boolean
}

export async function create([nameArgument]: readonly string[], options: CreateOptions): Promise<void> {
  const connection = await connect(options)
  const name = parseWorkspaceName(nameArgument ?? (await promptForName()))
  requireValidName('workspace', name.workspacename)
  await requireFreeName(connection, name)
  const source = options.copyParametersFrom ? await requireWorkspace(connection, options.copyParametersFrom) : null
  const template = await requireTemplate(connection, options.template ?? source?.template_name, options.org)
  const versionId = options.templateVersion
    ? (await requireVersion(connection, template, options.templateVersion)).id
    : template.active_version_id
  const copied = source ? await fetchParameters(connection, source.latest_build.id) : []
  const form = {
    versionId,
    isClassic: template.use_classic_parameter_flow,
    ...(await resolveOwner(connection, name.user)),
  }
  const flags = { ...options, preset: options.preset ?? (await promptForPreset(connection, versionId)) }
  const { values, presetId } = await resolveParameters(connection, form, flags, { copied })
  const workspace = await connection.client.call(createWorkspace, {
    params: { user: name.user },
    body: {
      name: name.workspacename,
      ...(options.templateVersion ? { template_version_id: versionId } : { template_id: template.id }),
      rich_parameter_values: values,
      automatic_updates: options.automaticUpdates,
      ...(presetId ? { template_version_preset_id: presetId } : {}),
      ...parseSchedule(options),
    },
  })
  if (!options.wait) return print(`${workspace.name} is being created.`)
  await followBuild(connection, workspace.latest_build)
  print(`${workspace.name} is running.`)
}

const promptForName = (): Promise<string> =>
  promptText('Workspace name', {
    flag: 'a name',
    validate: (answer) => validateName('workspace', parseWorkspaceName(answer).workspacename),
  })

async function resolveOwner({ client }: Connection, user: string): Promise<{ ownerId?: string }> {
  return user === 'me' ? {} : { ownerId: (await client.call(getUser, { params: { user } })).id }
}

function parseSchedule({ startAt, stopAfter }: CreateOptions): { autostart_schedule?: string; ttl_ms?: number } {
  return {
    ...(startAt ? { autostart_schedule: parseAutostart(startAt.trim().split(/\s+/)) } : {}),
    ...(stopAfter ? { ttl_ms: parseDuration(stopAfter, '--stop-after') } : {}),
  }
}

const fetchParameters = ({ client }: Connection, buildId: string): Promise<NamedValue[]> =>
  client.call(getBuildParameters, { params: { workspacebuild: buildId } })

async function requireFreeName({ client }: Connection, params: { user: string; workspacename: string }): Promise<void> {
  const existing = await client.call(getWorkspaceByName, { params }).catch(nullOn404)
  if (existing)
    throw new CommandError(`Workspace ${existing.name} already exists.`, {
      hint: `choose another name, or start it with \`coder start ${existing.name}\`.`,
    })
}

const promptForTemplate = (templates: readonly Template[]): Promise<string> =>
  select(
    'Template',
    templates.map(({ name, description }) => ({ value: name, label: name, description })),
    { flag: '--template' },
  )

async function requireTemplate(
  connection: Connection,
  wanted: string | undefined,
  organization: string | undefined,
): Promise<Template> {
  const found = await findTemplates(connection, organization)
  const exists = wanted ? found.some(({ name }) => name === wanted) : found.length > 0
  if (exists) return await selectTemplate(found, wanted)
  await waitForStarterTemplate(connection)
  return await selectTemplate(await findTemplates(connection, organization), wanted)
}

async function findTemplates({ client }: Connection, organization: string | undefined): Promise<Template[]> {
  const all = await client.call(listTemplates)
  return organization
    ? all.filter(({ organization_id: id, organization_name: name }) => id === organization || name === organization)
    : all
}

async function selectTemplate(templates: readonly Template[], wanted: string | undefined): Promise<Template> {
  const names = templates.map(({ name }) => name)
  if (templates.length === 0)
    throw new CommandError('The deployment has no templates.', {
      hint: 'push one with `coder templates push`.',
    })
  const only = templates.length === 1 ? templates[0]?.name : undefined
  const name = wanted ?? only ?? (await promptForTemplate(templates))
  const template = templates.find((candidate) => candidate.name === name)
  if (!template) throw new CommandError(`Template ${name} not found.`, { detail: `Templates: ${names.join(', ')}` })
  return template
}
