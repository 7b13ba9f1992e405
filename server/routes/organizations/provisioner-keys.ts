// Keys of external provisioner daemons: creation, listing, lookup by secret, deletion.

import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { ApiError, notFound } from '../../../api/errors.ts'
import {
  createProvisionerKey,
  deleteProvisionerKey,
  getProvisionerKey,
  listDaemonsByKey,
  listProvisionerKeys,
  type ProvisionerKey,
} from '../../../api/organizations/provisioner-keys.ts'
import type { ServerContext } from '../../context.ts'
import { type Db, isUniqueViolation } from '../../database/connect.ts'
import type { Row } from '../../database/schema.ts'
import { serve } from '../../http/serve.ts'
import { builtInKeyId, loadDaemons } from '../../jobs/load-daemons.ts'
import { requireOrganization } from '../../lookup/users.ts'
import { type AuthzObject, authorize } from '../../policy/policy.ts'
import { hashSecret } from '../../users/api-keys.ts'

// 32 random bytes in base64url, which cannot be guessed.
const secretBytes = 32

export function registerProvisionerKeyRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context

  serve(app, createProvisionerKey, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'create', daemonObject(organization.id))
    const { name, tags } = request.body
    const key = randomBytes(secretBytes).toString('base64url')
    await db
      .insertInto('provisioner_keys')
      .values({
        organization_id: organization.id,
        name,
        hashed_secret: hashSecret(key),
        tags: JSON.stringify(tags ?? {}),
      })
      .execute()
      .catch((error: unknown) => {
        throw isUniqueViolation(error) ? nameTaken(name) : error
      })
    return { key }
  })

  serve(app, listProvisionerKeys, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'list', daemonObject(organization.id))
    return (await findKeys(db, organization.id)).map(toKey)
  })

  serve(app, listDaemonsByKey, async (request) => {
    const { id, created_at } = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'read', daemonObject(id))
    const key = { id: builtInKeyId, created_at: created_at.toISOString(), organization: id, name: 'built-in', tags: {} }
    return [
      { key, daemons: await loadDaemons(context.db, { organizationId: id }) },
      // External daemons are not supported, so none has connected with a key.
      ...(await findKeys(db, id)).map((row) => ({ key: toKey(row), daemons: [] })),
    ]
  })

  serve(app, deleteProvisionerKey, async (request) => {
    const organization = await requireOrganization(context, request, request.params.organization, 'read')
    authorize(request, 'delete', daemonObject(organization.id))
    const { numDeletedRows } = await db
      .deleteFrom('provisioner_keys')
      .where('organization_id', '=', organization.id)
      .where((eb) => eb(eb.fn('lower', ['name']), '=', request.params.provisionerkey.toLowerCase()))
      .executeTakeFirstOrThrow()
    if (Number(numDeletedRows) === 0) throw notFound()
    return null
  })

  serve(app, getProvisionerKey, async ({ params }) => {
    const row = await db
      .selectFrom('provisioner_keys')
      .selectAll()
      .where('hashed_secret', '=', hashSecret(params.provisionerkey))
      .executeTakeFirst()
    if (!row) throw notFound()
    return toKey(row)
  })
}

const daemonObject = (organizationId: string): AuthzObject => ({ resource: 'provisioner_daemon', organizationId })

const findKeys = (db: Db, organizationId: string): Promise<Row<'provisioner_keys'>[]> =>
  db
    .selectFrom('provisioner_keys')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy((eb) => eb.fn('lower', ['name']))
    .execute()

const toKey = (row: Row<'provisioner_keys'>): ProvisionerKey => ({
  id: row.id,
  created_at: row.created_at.toISOString(),
  organization: row.organization_id,
  name: row.name,
  tags: row.tags,
})

const nameTaken = (name: string) =>
  new ApiError(409, `A provisioner key named "${name}" already exists.`, {
    validations: [{ field: 'name', detail: 'This value is already in use and should be unique.' }],
  })
