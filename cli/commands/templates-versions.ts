// `coder templates versions`: the versions of a template, and which of them is the active one.

import type { TemplateVersion } from '../../api/template-versions.ts'
import { listTemplateVersions, promoteTemplateVersion } from '../../api/templates.ts'
import { connect } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Column, type ListOptions, print, printList } from '../output.ts'
import { requireTemplate, requireVersion } from '../templates.ts'

interface Row {
  readonly TemplateVersion: TemplateVersion
  readonly active: boolean
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

const columns: readonly Column<Row>[] = [
  { title: 'name', value: ({ TemplateVersion: { name } }) => name },
  { title: 'created at', value: ({ TemplateVersion: { created_at } }) => created_at },
  { title: 'created by', value: ({ TemplateVersion: { created_by } }) => created_by.username },
  { title: 'status', value: ({ TemplateVersion: { job } }) => capitalize(job.status) },
  { title: 'active', value: ({ active }) => (active ? 'Active' : '') },
  { title: 'archived', value: ({ TemplateVersion: { archived } }) => String(archived), isExtra: true },
]

interface VersionsOptions extends GlobalOptions, ListOptions {
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
  printList(columns, rows, options, { whenEmpty: `${name} has no versions.` })
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
  print(`Version ${version.name} of ${template.name} is the active one.`)
}
