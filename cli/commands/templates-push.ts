// `coder templates push`: uploads a folder, watches its import, and makes it a template or a template's new version.

import { basename, resolve } from 'node:path'
import { ApiError } from '../../api/errors.ts'
import { tarType, uploadFile } from '../../api/files.ts'
import {
  createTemplateVersion,
  followTemplateVersionLogs,
  getTemplateVersion,
  type TemplateVersion,
} from '../../api/template-versions.ts'
import { createTemplate, getTemplateByName, promoteTemplateVersion, type Template } from '../../api/templates.ts'
import { parsePairs } from '../build.ts'
import { type Connection, connect, myOrganization } from '../connect.ts'
import { CommandError } from '../errors.ts'
import { followJob } from '../job-log.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { print } from '../output.ts'
import { confirm } from '../prompts.ts'
import { packTemplate } from '../template-archive.ts'

interface PushOptions extends GlobalOptions {
  readonly directory: string
  readonly name?: string
  readonly message?: string
  readonly variable: readonly string[]
  readonly activate: string
  readonly yes?: boolean
}

export async function pushTemplate([given]: readonly string[], options: PushOptions): Promise<void> {
  const folder = resolve(options.directory)
  const name = given ?? basename(folder).toLowerCase()
  const archive = await packTemplate(folder)
  const connection = await connect(options)
  const organization = (await myOrganization(connection.client)).id
  const template = await findTemplate(connection, organization, name)
  await confirm(
    template ? `Push a new version of ${name} from ${folder}?` : `Make the template ${name} from ${folder}?`,
    {
      isSure: options.yes ?? false,
    },
  )
  const version = await importVersion(connection, organization, archive, template, options)
  await publish(connection, organization, name, template, version, options)
}

async function findTemplate({ client }: Connection, organization: string, name: string): Promise<Template | null> {
  return client.call(getTemplateByName, { params: { organization, templatename: name } }).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  })
}

async function importVersion(
  connection: Connection,
  organization: string,
  archive: Uint8Array,
  template: Template | null,
  options: PushOptions,
): Promise<TemplateVersion> {
  const { client, token } = connection
  const { hash } = await client.call(uploadFile, { bytes: { type: tarType, data: archive } })
  const version = await client.call(createTemplateVersion, {
    params: { organization },
    body: {
      storage_method: 'file',
      file_id: hash,
      provisioner: 'terraform',
      name: options.name ?? '',
      message: options.message ?? '',
      user_variable_values: parsePairs(options.variable, '--variable'),
      ...(template ? { template_id: template.id } : {}),
    },
  })
  const params = { templateversion: version.id }
  const url = client.url(followTemplateVersionLogs, { params, query: { follow: 'true' } })
  const job = async () => (await client.call(getTemplateVersion, { params })).job
  await followJob({ url, token, job }, 'The import of the template').catch(explainMissingVariables)
  return version
}

function explainMissingVariables(error: unknown): never {
  if (error instanceof CommandError && /variable/i.test(error.detail ?? ''))
    throw new CommandError(error.message, {
      detail: error.detail,
      hint: 'values of variables are given with --variable name=value.',
    })
  throw error
}

async function publish(
  { client }: Connection,
  organization: string,
  name: string,
  template: Template | null,
  version: TemplateVersion,
  { activate }: PushOptions,
): Promise<void> {
  if (!template) {
    await client.call(createTemplate, { params: { organization }, body: { name, template_version_id: version.id } })
    print(`The template ${name} is ready. Create a workspace: coder create --template ${name}`)
    return
  }
  if (activate === 'false') return print(`Version ${version.name} of ${name} is ready; the active version stays.`)
  await client.call(promoteTemplateVersion, { params: { template: template.id }, body: { id: version.id } })
  print(`Version ${version.name} of ${name} is the active one.`)
}
