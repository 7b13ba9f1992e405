// Resolves the organization that a command acts on.

import { listOrganizationsOfUser } from '../../api/account/users.ts'
import type { Client } from '../../api/client.ts'
import type { Organization } from '../../api/organizations/organizations.ts'
import { type Connection, connect } from '../connection/connect.ts'
import type { GlobalOptions } from '../connection/local-deployment.ts'
import { CommandError } from '../output/errors.ts'

/** The named organization, else the default one, else the user's first.
 *  @param named the value of --org: a name or an id. @throws CommandError when the user is not a member */
export async function requireOrganization(client: Client, named?: string): Promise<Organization> {
  const organizations = await client.call(listOrganizationsOfUser, { params: { user: 'me' } })
  const organization = named
    ? organizations.find(({ id, name }) => name === named || id === named)
    : (organizations.find(({ is_default }) => is_default) ?? organizations[0])
  if (organization) return organization
  if (organizations.length > 0)
    throw new CommandError(`You are not a member of an organization named ${named}.`, {
      detail: `Your organizations: ${organizations.map(({ name }) => name).join(', ')}`,
    })
  throw new CommandError('You are not a member of any organization.', {
    hint: 'ask an owner of the deployment to add you.',
  })
}

export interface OrganizationOptions extends GlobalOptions {
  readonly org?: string
}

/** Connects and resolves the organization of --org. */
export async function connectToOrganization(
  options: OrganizationOptions,
): Promise<Connection & { organization: string; organizationName: string }> {
  const connection = await connect(options)
  const { id, name } = await requireOrganization(connection.client, options.org)
  return { ...connection, organization: id, organizationName: name }
}
