// `coder templates push`: uploads a folder, follows its import, and creates a template or a new version of one.

import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { tarType, uploadFile } from '../../../api/templates/files.ts'
import {
  createTemplateVersion,
  followTemplateVersionLogs,
  getTemplateVersion,
  getTemplateVersionVariables,
  type TemplateVersion,
  type TemplateVersionVariable,
} from '../../../api/templates/template-versions.ts'
import {
  type CreateTemplateRequest,
  createTemplate,
  promoteTemplateVersion,
  type Template,
} from '../../../api/templates/templates.ts'
import { parseDuration } from '../../arguments/durations.ts'
import { parsePairs } from '../../arguments/name-value-pairs.ts'
import { requireValidName } from '../../arguments/names.ts'
import { followJob, JobFailure } from '../../builds/follow-job.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { packTemplate } from '../../local-templates/template-archive.ts'
import { requireOrganization } from '../../lookup/find-organization.ts'
import { findTemplate } from '../../lookup/find-template.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'
import { confirm, isInteractive, promptSecret, promptText } from '../../prompts/prompts.ts'

interface PushOptions extends GlobalOptions {
  readonly directory: string
  readonly name?: string
  readonly message?: string
  readonly variable?: readonly string[]
  readonly var?: readonly string[]
  readonly variablesFile?: string
  readonly provisionerTag?: readonly string[]
  /** The following only for `create`. */
  readonly activate?: boolean
  readonly private?: boolean
  readonly requireActiveVersion?: boolean
  readonly defaultTtl?: string
  readonly failureTtl?: string
  readonly dormancyThreshold?: string
  readonly dormancyAutoDeletion?: string
  readonly org?: string
  readonly yes?: boolean
}

export async function pushTemplate([nameArgument]: readonly string[], options: PushOptions): Promise<void> {
  const { archive, source, defaultName } = await readSource(options.directory)
  const name = nameArgument ?? defaultName
  if (!name)
    throw new CommandError('The name of the template is missing.', {
      hint: 'pass it, as an archive on stdin has none.',
    })
  requireValidName('template', name)
  const connection = await connect(options)
  const organization = (await requireOrganization(connection.client, options.org)).id
  const template = await findTemplate(connection, name, organization)
  await confirm(
    template ? `Push a new version of ${name} from ${source}?` : `Create template ${name} from ${source}?`,
    { skip: options.yes ?? false, defaultsToYes: true },
  )
  const version = await importVersion(connection, organization, archive, template, options)
  await publish(connection, organization, name, template, version, options)
}

async function readSource(
  directory: string,
): Promise<{ archive: Uint8Array; source: string; defaultName: string | undefined }> {
  if (directory === '-') return { archive: readFileSync(0), source: 'stdin', defaultName: undefined }
  const folder = resolve(directory)
  return { archive: await packTemplate(folder), source: folder, defaultName: basename(folder).toLowerCase() }
}

async function importVersion(
  connection: Connection,
  organization: string,
  archive: Uint8Array,
  template: Template | null,
  options: PushOptions,
): Promise<TemplateVersion> {
  const { client } = connection
  const { hash } = await client.call(uploadFile, { bytes: { type: tarType, data: archive } })
  const tags = await resolveTags(connection, template, options)
  const request = {
    storage_method: 'file' as const,
    file_id: hash,
    provisioner: 'terraform' as const,
    name: options.name ?? '',
    message: options.message ?? 'Pushed from the command line',
    user_variable_values: await readVariables(options),
    ...(tags ? { tags } : {}),
    ...(template ? { template_id: template.id } : {}),
  }
  const version = await client.call(createTemplateVersion, { params: { organization }, body: request })
  const missing = await followImport(connection, version)
  if (missing.length === 0) return version
  // Only values were missing: import again with them.
  const values = await promptForVariables(missing)
  const body = { ...request, user_variable_values: [...request.user_variable_values, ...values] }
  const complete = await client.call(createTemplateVersion, { params: { organization }, body })
  await followImport(connection, complete)
  return complete
}

/** @returns the required variables without a value, if the import failed for them. @throws JobFailure for other failures */
async function followImport(connection: Connection, version: TemplateVersion): Promise<TemplateVersionVariable[]> {
  const { client } = connection
  const params = { templateversion: version.id }
  const url = client.url(followTemplateVersionLogs, { params, query: { follow: 'true' } })
  const job = async () => (await client.call(getTemplateVersion, { params })).job
  try {
    await followJob({ url, connection, job }, 'The import of the template')
    return []
  } catch (error) {
    const isForVariables = error instanceof JobFailure && error.job.error_code === 'REQUIRED_TEMPLATE_VARIABLES'
    if (!isForVariables) throw error
    const variables = await client.call(getTemplateVersionVariables, { params })
    const missing = variables.filter(({ required, value }) => required && value === '')
    if (missing.length > 0 && isInteractive()) return missing
    throw new CommandError(error.message, {
      detail: error.detail,
      hint: 'pass values of variables with --variable name=value.',
    })
  }
}

async function promptForVariables(
  variables: readonly TemplateVersionVariable[],
): Promise<{ name: string; value: string }[]> {
  const values: { name: string; value: string }[] = []
  for (const { name, description, sensitive } of variables) {
    const question = description ? `${name} - ${description}` : name
    const flag = `--variable ${name}=…`
    values.push({
      name,
      value: sensitive ? await promptSecret(question, { flag }) : await promptText(question, { flag }),
    })
  }
  return values
}

async function readVariables(options: PushOptions): Promise<{ name: string; value: string }[]> {
  const fromFlags = parsePairs([...(options.variable ?? []), ...(options.var ?? [])], '--variable')
  const inFile = options.variablesFile
    ? (await import('../../arguments/values-file.ts')).readValuesFile(options.variablesFile)
    : []
  return [...inFile.filter(({ name }) => !fromFlags.some((value) => value.name === name)), ...fromFlags]
}

/** The provisioner tags of the flags, else those of the active version. coderd sets the tags `scope` and `owner` itself. */
async function resolveTags(
  { client }: Connection,
  template: Template | null,
  { provisionerTag = [] }: PushOptions,
): Promise<Record<string, string> | undefined> {
  if (provisionerTag.length === 1 && provisionerTag[0] === '-') return {}
  if (provisionerTag.length > 0)
    return Object.fromEntries(parsePairs(provisionerTag, '--provisioner-tag').map(({ name, value }) => [name, value]))
  if (!template) return undefined
  const active = await client.call(getTemplateVersion, { params: { templateversion: template.active_version_id } })
  const { scope: _scope, owner: _owner, ...own } = active.job.tags
  return own
}

async function publish(
  { client }: Connection,
  organization: string,
  name: string,
  template: Template | null,
  version: TemplateVersion,
  options: PushOptions,
): Promise<void> {
  if (!template) {
    const body = { name, template_version_id: version.id, ...toSettings(options) }
    await client.call(createTemplate, { params: { organization }, body })
    print(`Template ${name} is ready. Create a workspace: coder create --template ${name}`)
    return
  }
  if (options.activate === false)
    return print(`Version ${version.name} of ${name} is ready. The active version is unchanged.`)
  await client.call(promoteTemplateVersion, { params: { template: template.id }, body: { id: version.id } })
  print(`Version ${version.name} of ${name} is now active.`)
}

function toSettings(options: PushOptions): Partial<CreateTemplateRequest> {
  const ms = (name: keyof CreateTemplateRequest, flag: string, text: string | undefined) =>
    text === undefined ? {} : { [name]: parseDuration(text, flag) }
  return {
    ...ms('default_ttl_ms', '--default-ttl', options.defaultTtl),
    ...ms('failure_ttl_ms', '--failure-ttl', options.failureTtl),
    ...ms('dormant_ttl_ms', '--dormancy-threshold', options.dormancyThreshold),
    ...ms('delete_ttl_ms', '--dormancy-auto-deletion', options.dormancyAutoDeletion),
    ...(options.requireActiveVersion ? { require_active_version: true } : {}),
    ...(options.private ? { disable_everyone_group_access: true } : {}),
  }
}
