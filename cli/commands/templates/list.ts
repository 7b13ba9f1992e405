// `coder templates list`.

import { listTemplates as listTemplatesEndpoint, type Template } from '../../../api/templates/templates.ts'
import { counted } from '../../../lib/counted.ts'
import { formatGoDuration } from '../../arguments/durations.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { formatDate } from '../../output/formats.ts'
import { type ColumnValues, type ListOptions, printList } from '../../output/tables.ts'

const columns: ColumnValues<Template, 'templates'> = {
  name: ({ name }) => name,
  'created at': ({ created_at }) => formatDate(created_at),
  'organization id': ({ organization_id }) => organization_id,
  'organization name': ({ organization_name }) => organization_name,
  provisioner: ({ provisioner }) => provisioner,
  'active version id': ({ active_version_id }) => active_version_id,
  'last updated': ({ updated_at }) => formatDate(updated_at),
  'used by': ({ active_user_count: count }) => (count < 0 ? '' : counted(count, 'active developer')),
  'default ttl': ({ default_ttl_ms }) => formatGoDuration(default_ttl_ms),
}

export async function listTemplates(
  _args: readonly string[],
  options: GlobalOptions & ListOptions<'templates'>,
): Promise<void> {
  const { client } = await connect(options)
  const templates = await client.call(listTemplatesEndpoint)
  printList(columns, templates, options, {
    // The JSON format of Coder's command line.
    json: templates.map((template) => ({ Template: template })),
    whenEmpty: 'No templates found. `coder templates push` creates one.',
  })
}
