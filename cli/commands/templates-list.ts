// `coder templates list`: templates as a table or as JSON.

import { listTemplates as listTemplatesEndpoint, type Template } from '../../api/templates.ts'
import { connect } from '../connect.ts'
import { formatHours } from '../durations.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Column, formatDistance, type ListOptions, printList } from '../output.ts'

const columns: readonly Column<Template>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'created at', value: ({ created_at }) => created_at, isExtra: true },
  { title: 'organization id', value: ({ organization_id }) => organization_id, isExtra: true },
  { title: 'organization name', value: ({ organization_name }) => organization_name },
  { title: 'provisioner', value: ({ provisioner }) => provisioner, isExtra: true },
  { title: 'active version id', value: ({ active_version_id }) => active_version_id, isExtra: true },
  { title: 'last updated', value: ({ updated_at }) => formatDistance(updated_at) },
  {
    title: 'used by',
    value: ({ active_user_count: count }) => (count < 0 ? '' : `${count} developer${count === 1 ? '' : 's'}`),
  },
  { title: 'default ttl', value: ({ default_ttl_ms }) => formatHours(default_ttl_ms), isExtra: true },
]

export async function listTemplates(_args: readonly string[], options: GlobalOptions & ListOptions): Promise<void> {
  const { client } = await connect(options)
  const templates = await client.call(listTemplatesEndpoint)
  printList(columns, templates, options, {
    // The form in which Coder's command line gives templates.
    json: templates.map((template) => ({ Template: template })),
    whenEmpty: 'No templates found. `coder templates push` makes one.',
  })
}
