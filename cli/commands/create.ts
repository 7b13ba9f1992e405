// `coder create`: a workspace from a template, watched until it is built.

import { ApiError } from '../../api/errors.ts'
import { getRichParameters, getTemplateVersion, type TemplateVersionParameter } from '../../api/template-versions.ts'
import { getTemplateVersionByName, listTemplates, type Template } from '../../api/templates.ts'
import { createWorkspace, getWorkspaceByName } from '../../api/workspaces.ts'
import { followBuild, parsePairs, parseWorkspaceName } from '../build.ts'
import { type Connection, connect } from '../connect.ts'
import { CommandError } from '../errors.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { print } from '../output.ts'
import { ask } from '../prompts.ts'

interface CreateOptions extends GlobalOptions {
  readonly template?: string
  readonly templateVersion?: string
  readonly parameter: readonly string[]
  readonly yes?: boolean
}

export async function create([given]: readonly string[], options: CreateOptions): Promise<void> {
  const connection = await connect(options)
  const name = parseWorkspaceName(given ?? (await ask('Name of the workspace', { flag: 'a name' })))
  await requireFreeName(connection, name)
  const template = await requireTemplate(connection, options.template)
  const versionId = await versionOf(connection, template, options.templateVersion)
  const workspace = await connection.client.call(createWorkspace, {
    params: { user: name.user },
    body: {
      name: name.workspacename,
      ...(options.templateVersion ? { template_version_id: versionId } : { template_id: template.id }),
      rich_parameter_values: await parameterValues(connection, versionId, options),
    },
  })
  await followBuild(connection, workspace.latest_build)
  print(`${workspace.name} is running.`)
}

async function requireFreeName({ client }: Connection, params: { user: string; workspacename: string }): Promise<void> {
  const existing = await client.call(getWorkspaceByName, { params }).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  })
  if (existing)
    throw new CommandError(`A workspace ${existing.name} exists already.`, {
      hint: `choose another name, or start it with \`coder start ${existing.name}\`.`,
    })
}

async function requireTemplate({ client }: Connection, wanted: string | undefined): Promise<Template> {
  const templates = await client.call(listTemplates)
  const names = templates.map(({ name }) => name).join(', ')
  if (templates.length === 0)
    throw new CommandError('There is no template to create a workspace from.', {
      hint: 'push one with `coder templates push`.',
    })
  const only = templates.length === 1 ? templates[0]?.name : undefined
  const name = wanted ?? only ?? (await ask(`Template (${names})`, { flag: '--template' }))
  const template = templates.find((candidate) => candidate.name === name)
  if (!template) throw new CommandError(`There is no template ${name}.`, { detail: `Templates: ${names}` })
  return template
}

async function versionOf({ client }: Connection, template: Template, wanted: string | undefined): Promise<string> {
  if (!wanted) return template.active_version_id
  const params = { template: template.id, templateversionname: wanted }
  return (await client.call(getTemplateVersionByName, { params })).id
}

/** What was given, and for the rest the defaults; what has none is asked. */
async function parameterValues(
  { client }: Connection,
  versionId: string,
  options: CreateOptions,
): Promise<{ name: string; value: string }[]> {
  const params = { templateversion: versionId }
  await client.call(getTemplateVersion, { params })
  const parameters = await client.call(getRichParameters, { params })
  const given = parsePairs(options.parameter, '--parameter')
  const unknown = given.find(({ name }) => !parameters.some((parameter) => parameter.name === name))
  if (unknown)
    throw new CommandError(`The template has no parameter ${unknown.name}.`, {
      detail: `Parameters: ${parameters.map(({ name }) => name).join(', ') || 'none'}`,
    })
  for (const parameter of parameters) {
    if (given.some(({ name }) => name === parameter.name)) continue
    if (parameter.required) given.push({ name: parameter.name, value: await askParameter(parameter) })
  }
  return given
}

async function askParameter({ name, display_name, options }: TemplateVersionParameter): Promise<string> {
  const choices = options.map(({ value }) => value).join(', ')
  return ask(`${display_name || name}${choices ? ` (${choices})` : ''}`, { flag: `--parameter ${name}=…` })
}
