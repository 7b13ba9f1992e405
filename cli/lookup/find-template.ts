// Resolves the template and the template version that a command names.

import type { TemplateVersion } from '../../api/templates/template-versions.ts'
import {
  getTemplateByName,
  getTemplateVersionByName,
  listTemplates,
  type Template,
} from '../../api/templates/templates.ts'
import type { Connection } from '../connection/connect.ts'
import { nullOn404 } from '../connection/null-on-404.ts'
import { CommandError } from '../output/errors.ts'
import { requireOrganization } from './find-organization.ts'

/** Null when it does not exist. */
export async function findTemplate(
  { client }: Connection,
  name: string,
  organization: string | undefined,
): Promise<Template | null> {
  const { id } = await requireOrganization(client, organization)
  return client.call(getTemplateByName, { params: { organization: id, templatename: name } }).catch(nullOn404)
}

/** @throws CommandError listing the existing templates. */
export async function requireTemplate(
  connection: Connection,
  name: string,
  organization: string | undefined,
): Promise<Template> {
  const template = await findTemplate(connection, name, organization)
  if (template) return template
  const templates = await connection.client.call(listTemplates)
  throw new CommandError(`Template ${name} not found.`, {
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
  const version = await client.call(getTemplateVersionByName, { params }).catch(nullOn404)
  if (version) return version
  throw new CommandError(`Template ${template.name} has no version ${name}.`, {
    hint: `\`coder templates versions list ${template.name}\` lists its versions.`,
  })
}
