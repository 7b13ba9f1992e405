// Which template and which of its versions a name means.

import type { TemplateVersion } from '../../api/templates/template-versions.ts'
import {
  getTemplateByName,
  getTemplateVersionByName,
  listTemplates,
  type Template,
} from '../../api/templates/templates.ts'
import type { Connection } from '../connection/connect.ts'
import { nullIfMissing } from '../connection/null-on-404.ts'
import { CommandError } from '../output/errors.ts'
import { myOrganization } from './find-organization.ts'

/** Null when there is none by that name. */
export async function findTemplate(
  { client }: Connection,
  name: string,
  organization: string | undefined,
): Promise<Template | null> {
  const { id } = await myOrganization(client, organization)
  return client.call(getTemplateByName, { params: { organization: id, templatename: name } }).catch(nullIfMissing)
}

/** @throws CommandError naming those there are. */
export async function requireTemplate(
  connection: Connection,
  name: string,
  organization: string | undefined,
): Promise<Template> {
  const template = await findTemplate(connection, name, organization)
  if (template) return template
  const templates = await connection.client.call(listTemplates)
  throw new CommandError(`There is no template ${name}.`, {
    detail: `Templates: ${templates.map((other) => other.name).join(', ') || 'none'}`,
  })
}

/** @throws CommandError when the template has no such version. */
export async function requireVersion(
  { client }: Connection,
  template: Template,
  name: string,
): Promise<TemplateVersion> {
  const params = { template: template.id, templateversionname: name }
  const version = await client.call(getTemplateVersionByName, { params }).catch(nullIfMissing)
  if (version) return version
  throw new CommandError(`${template.name} has no version ${name}.`, {
    hint: `list them with \`coder templates versions list ${template.name}\`.`,
  })
}
