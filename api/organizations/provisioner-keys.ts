// Keys of external provisioner daemons. Built-in daemons need none; clients see them under the key `built-in`, which
// cannot be created or deleted.

import { type Static, Type } from 'typebox'
import { maybe, Timestamp, Uuid } from '../common.ts'
import { endpoint, open, user } from '../endpoint.ts'
import { OrganizationParams } from './organizations.ts'
import { ProvisionerDaemon } from './provisioner-daemons.ts'
import { ProvisionerTags } from './provisioner-jobs.ts'

export const ProvisionerKey = Type.Object({
  id: Uuid,
  created_at: Timestamp,
  organization: Uuid,
  name: Type.String(),
  tags: ProvisionerTags,
})

export type ProvisionerKey = Static<typeof ProvisionerKey>

const ProvisionerKeyParams = Type.Object({ organization: Type.String(), provisionerkey: Type.String() })

/** The same rules as for usernames; names of keyless authentication methods are reserved. */
const KeyName = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^(?!(?:built-in|user-auth|psk)$)[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$',
})

export const createProvisionerKey = endpoint({
  method: 'POST',
  path: '/api/v2/organizations/:organization/provisionerkeys',
  summary: 'Create a provisioner key. The secret is returned only once.',
  access: user('create', 'provisioner_daemon'),
  params: OrganizationParams,
  body: Type.Object({ name: KeyName, tags: maybe(ProvisionerTags) }),
  responses: { 201: Type.Object({ key: Type.String() }) },
})

export const deleteProvisionerKey = endpoint({
  method: 'DELETE',
  path: '/api/v2/organizations/:organization/provisionerkeys/:provisionerkey',
  summary: 'Delete a provisioner key by name.',
  access: user('delete', 'provisioner_daemon'),
  params: ProvisionerKeyParams,
  responses: { 204: Type.Null() },
})

export const getProvisionerKey = endpoint({
  method: 'GET',
  path: '/api/v2/provisionerkeys/:provisionerkey',
  summary: 'Get a provisioner key by its secret, which is part of the path.',
  access: open('the secret in the path is the credential'),
  params: Type.Object({ provisionerkey: Type.String({ maxLength: 256 }) }),
  responses: { 200: ProvisionerKey },
  limit: 'logins',
})

export const listProvisionerKeys = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerkeys',
  summary: 'List the provisioner keys of an organization.',
  access: user('list', 'provisioner_daemon'),
  params: OrganizationParams,
  responses: { 200: Type.Array(ProvisionerKey) },
})

export const listDaemonsByKey = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerkeys/daemons',
  summary: 'List the provisioner daemons grouped by key, the built-in ones under `built-in`.',
  access: user('list', 'provisioner_daemon'),
  params: OrganizationParams,
  responses: { 200: Type.Array(Type.Object({ key: ProvisionerKey, daemons: Type.Array(ProvisionerDaemon) })) },
})
