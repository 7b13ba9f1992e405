// Notifications about templates: template administrators receive deletions, owners of workspaces receive deprecations.

import { sql } from 'kysely'
import type { Tx } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { notify } from '../notifications/notify.ts'
import type { Principal } from '../policy/policy.ts'

type Template = Row<'templates'>
type Initiator = Pick<Principal, 'userId' | 'username'>

export async function notifyTemplateDeleted(tx: Tx, template: Template, initiator: Initiator): Promise<void> {
  const admins = await tx
    .selectFrom('users')
    .select('id')
    .where('deleted', '=', false)
    .where('status', '!=', 'suspended')
    .where('id', '!=', initiator.userId)
    .where(sql<boolean>`rbac_roles && array['owner', 'template-admin']`)
    .execute()
  await notify(tx, {
    template: 'templateDeleted',
    to: admins.map(({ id }) => id),
    labels: { name: template.display_name || template.name, initiator: initiator.username },
    targets: [template.id, template.organization_id],
    createdBy: initiator.userId,
  })
}

export async function notifyTemplateDeprecated(tx: Tx, template: Template, initiator: Initiator): Promise<void> {
  const owners = await tx
    .selectFrom('workspaces')
    .select('owner_id')
    .distinct()
    .where('template_id', '=', template.id)
    .where('deleted', '=', false)
    .execute()
  const { name } = await tx
    .selectFrom('organizations')
    .select('name')
    .where('id', '=', template.organization_id)
    .executeTakeFirstOrThrow()
  await notify(tx, {
    template: 'templateDeprecated',
    to: owners.map(({ owner_id }) => owner_id),
    labels: { template: template.name, message: template.deprecation_message, organization: name },
    targets: [template.id, template.organization_id],
    createdBy: initiator.userId,
  })
}
