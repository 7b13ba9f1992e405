// `coder templates archive` and `coder templates versions archive` and `unarchive`.

import { archiveTemplateVersion, unarchiveTemplateVersion } from '../../../api/templates/template-versions.ts'
import { archiveTemplateVersions, listTemplates } from '../../../api/templates/templates.ts'
import { counted } from '../../../lib/counted.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireTemplate, requireVersion } from '../../lookup/find-template.ts'
import { CommandError } from '../../output/errors.ts'
import { print } from '../../output/print.ts'
import { confirm } from '../../prompts/prompts.ts'

interface ArchiveOptions extends GlobalOptions {
  readonly all?: boolean
  readonly org?: string
  readonly yes?: boolean
}

/** Archives failed or unused versions of the named templates, or of all templates. */
export async function archiveUnused(names: readonly string[], options: ArchiveOptions): Promise<void> {
  const connection = await connect(options)
  const templates =
    names.length > 0
      ? await Promise.all(names.map((name) => requireTemplate(connection, name, options.org)))
      : await connection.client.call(listTemplates)
  const kind = options.all ? 'unused' : 'failed'
  await confirm(`Archive the ${kind} versions of ${templates.map(({ name }) => name).join(', ')}?`, {
    skip: options.yes ?? false,
  })
  for (const { id, name } of templates) {
    const { archived_ids } = await connection.client.call(archiveTemplateVersions, {
      params: { template: id },
      body: { all: options.all ?? false },
    })
    print(`${name}: ${counted(archived_ids.length, 'version')} archived.`)
  }
}

export async function archiveVersions(args: readonly string[], options: ArchiveOptions): Promise<void> {
  await setArchived(args, options, { endpoint: archiveTemplateVersion, verb: 'Archive', state: 'archived' })
}

export async function unarchiveVersions(args: readonly string[], options: ArchiveOptions): Promise<void> {
  await setArchived(args, options, { endpoint: unarchiveTemplateVersion, verb: 'Unarchive', state: 'unarchived' })
}

async function setArchived(
  [templateName = '', ...names]: readonly string[],
  options: ArchiveOptions,
  action: {
    readonly endpoint: typeof archiveTemplateVersion | typeof unarchiveTemplateVersion
    readonly verb: string
    readonly state: string
  },
): Promise<void> {
  if (names.length === 0)
    throw new CommandError('No versions were passed.', {
      hint: `\`coder templates versions list ${templateName}\` lists them.`,
    })
  const connection = await connect(options)
  const template = await requireTemplate(connection, templateName, options.org)
  const versions = await Promise.all(names.map((name) => requireVersion(connection, template, name)))
  await confirm(`${action.verb} ${names.join(', ')} of ${templateName}?`, { skip: options.yes ?? false })
  for (const { id, name } of versions) {
    await connection.client.call(action.endpoint, { params: { templateversion: id } })
    print(`Version ${name} was ${action.state}.`)
  }
}
