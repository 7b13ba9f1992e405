// `coder templates pull`: downloads the files of a template version into a folder, or as an archive to stdout.

import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { downloadFile } from '../../../api/templates/files.ts'
import { getTemplateVersion, type TemplateVersion } from '../../../api/templates/template-versions.ts'
import { listTemplateVersions, type Template } from '../../../api/templates/templates.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { unpackTemplate } from '../../local-templates/template-archive.ts'
import { requireTemplate, requireVersion } from '../../lookup/find-template.ts'
import { CommandError } from '../../output/errors.ts'
import { note } from '../../output/print.ts'
import { confirm } from '../../prompts/prompts.ts'

interface PullOptions extends GlobalOptions {
  readonly tar?: boolean
  readonly zip?: boolean
  readonly version?: string
  readonly org?: string
  readonly yes?: boolean
}

export async function pullTemplate([name = '', destination]: readonly string[], options: PullOptions): Promise<void> {
  if (options.tar && options.zip) throw new CommandError('--tar and --zip cannot be combined.')
  const connection = await connect(options)
  const template = await requireTemplate(connection, name, options.org)
  const version = await findVersion(connection, template, options.version)
  const archive = await connection.client.bytes(downloadFile, {
    params: { fileID: version.job.file_id },
    query: options.zip ? { format: 'zip' } : {},
  })
  if (options.tar || options.zip) {
    process.stdout.write(archive)
    return
  }
  const folder = resolve(destination ?? name)
  if (existsSync(folder) && readdirSync(folder).length > 0)
    await confirm(`${folder} is not empty. Overwrite its files with those of ${name}?`, { skip: options.yes ?? false })
  await unpackTemplate(archive, folder)
  note(`Version ${version.name} of ${name} was written to ${folder}.`)
}

async function findVersion(connection: Connection, template: Template, name = 'active'): Promise<TemplateVersion> {
  const { client } = connection
  if (name === 'active')
    return client.call(getTemplateVersion, { params: { templateversion: template.active_version_id } })
  if (name !== 'latest') return requireVersion(connection, template, name)
  const versions = await client.call(listTemplateVersions, { params: { template: template.id }, query: {} })
  const [latest] = versions.toSorted((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at))
  if (!latest) throw new CommandError(`Template ${template.name} has no versions.`)
  return latest
}
