// `coder templates list`: templates as a table or as JSON.

import { listTemplates as listTemplatesEndpoint, type Template } from '../../api/templates.ts'
import { connect } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Column, formatAge, formatTable, note, print, printJson } from '../output.ts'

const columns: readonly Column<Template>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'organization name', value: ({ organization_name }) => organization_name },
  { title: 'last updated', value: ({ updated_at }) => `${formatAge(updated_at)} ago` },
  {
    title: 'used by',
    value: ({ active_user_count: count }) => (count < 0 ? '' : `${count} developer${count === 1 ? '' : 's'}`),
  },
]

export async function listTemplates(
  _args: readonly string[],
  options: GlobalOptions & { output: string },
): Promise<void> {
  const { client } = await connect(options)
  const templates = await client.call(listTemplatesEndpoint)
  if (options.output === 'json') return printJson(templates)
  if (templates.length === 0) return note('No templates found. `coder templates push` makes one.')
  print(formatTable(columns, templates))
}
