// `coder templates versions`: lists the versions of a template and promotes one to the active version.

import type { TemplateVersion } from '../../../api/templates/template-versions.ts'
import { listTemplateVersions, promoteTemplateVersion } from '../../../api/templates/templates.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireTemplate, requireVersion } from '../../lookup/find-template.ts'
import { formatTime } from '../../output/formats.ts'
import { print } from '../../output/print.ts'
import { type ColumnValues, type ListOptions, printList, sortedBy } from '../../output/tables.ts'

interface Row {
  readonly TemplateVersion: TemplateVersion
  readonly active: boolean
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const columns: ColumnValues<Row, 'templateVersions'> = {
  name: ({ TemplateVersion: { name } }) => name,
  'created at': ({ TemplateVersion: { created_at } }) => formatTime(created_at),
  'created by': ({ TemplateVersion: { created_by } }) => created_by.username,
  status: ({ TemplateVersion: { job } }) => capitalize(job.status),
  active: ({ active }) => (active ? 'Active' : ''),
  archived: ({ TemplateVersion: { archived } }) => (archived ? 'Archived' : ''),
}

interface VersionsOptions extends GlobalOptions, ListOptions<'templateVersions'> {
  readonly includeArchived?: boolean
  readonly org?: string
}

export async function listVersions([name = '']: readonly string[], options: VersionsOptions): Promise<void> {
  const connection = await connect(options)
  const template = await requireTemplate(connection, name, options.org)
  const versions = await connection.client.call(listTemplateVersions, {
    params: { template: template.id },
    query: options.includeArchived ? { include_archived: true } : {},
  })
  const rows = versions.map((version) => ({
    TemplateVersion: version,
    active: version.id === template.active_version_id,
  }))
  const shown = options.includeArchived ? [...new Set([...options.column, 'archived' as const])] : options.column
  const ordered = shown.includes('name') ? sortedBy(rows, columns.name) : rows
  printList(
    columns,
    ordered,
    { ...options, column: shown },
    {
      json: rows,
      whenEmpty: `Template ${name} has no versions.`,
    },
  )
}

interface PromoteOptions extends GlobalOptions {
  readonly template: string
  readonly templateVersion: string
  readonly org?: string
}

export async function promoteVersion(_args: readonly string[], options: PromoteOptions): Promise<void> {
  const connection = await connect(options)
  const template = await requireTemplate(connection, options.template, options.org)
  const version = await requireVersion(connection, template, options.templateVersion)
  await connection.client.call(promoteTemplateVersion, { params: { template: template.id }, body: { id: version.id } })
  print(`Version ${version.name} of ${template.name} is now active.`)
}
