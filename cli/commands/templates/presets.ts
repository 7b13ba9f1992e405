// `coder templates presets list`: lists the presets of a template version.

import { getTemplateVersionPresets, type Preset } from '../../../api/templates/template-versions.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireTemplate, requireVersion } from '../../lookup/find-template.ts'
import { type ColumnValues, type ListOptions, printList } from '../../output/tables.ts'

const columns: ColumnValues<Preset, 'presets'> = {
  name: ({ Name }) => Name,
  description: ({ Description }) => Description,
  parameters: ({ Parameters }) => Parameters.map(({ Name, Value }) => `${Name}=${Value}`).join(','),
  default: ({ Default }) => String(Default),
  'desired prebuild instances': ({ DesiredPrebuildInstances }) => String(DesiredPrebuildInstances ?? '-'),
}

interface PresetsOptions extends GlobalOptions, ListOptions<'presets'> {
  readonly templateVersion?: string
  readonly org?: string
}

export async function listPresets([name = '']: readonly string[], options: PresetsOptions): Promise<void> {
  const connection = await connect(options)
  const template = await requireTemplate(connection, name, options.org)
  const version = options.templateVersion
    ? (await requireVersion(connection, template, options.templateVersion)).id
    : template.active_version_id
  const presets = await connection.client.call(getTemplateVersionPresets, { params: { templateversion: version } })
  printList(columns, presets ?? [], options, {
    json: (presets ?? []).map((preset) => ({ TemplatePreset: preset })),
    whenEmpty: `Template ${name} has no presets.`,
  })
}
