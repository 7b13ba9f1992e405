// Keys with which provisioner daemons outside sign in. Those that live in coderd need none: clients know them by a key of
// the name `built-in`, which nobody can make or take away.

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

/** As of a user; some names stand for ways of signing in without a key. */
const KeyName = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^(?!(?:built-in|user-auth|psk)$)[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$',
})

export const createProvisionerKey = endpoint({
  method: 'POST',
  path: '/api/v2/organizations/:organization/provisionerkeys',
  summary: 'Makes a key for daemons outside; its text is told this once',
  access: user('create', 'provisioner_daemon'),
  params: OrganizationParams,
  body: Type.Object({ name: KeyName, tags: maybe(ProvisionerTags) }),
  responses: { 201: Type.Object({ key: Type.String() }) },
})

export const deleteProvisionerKey = endpoint({
  method: 'DELETE',
  path: '/api/v2/organizations/:organization/provisionerkeys/:provisionerkey',
  summary: 'Deletes a key by its name',
  access: user('delete', 'provisioner_daemon'),
  params: ProvisionerKeyParams,
  responses: { 204: Type.Null() },
})

export const getProvisionerKey = endpoint({
  method: 'GET',
  path: '/api/v2/provisionerkeys/:provisionerkey',
  summary: 'Tells whoever holds a key what it is for; the address holds the key itself',
  access: open('the key in the address is the proof'),
  params: Type.Object({ provisionerkey: Type.String({ maxLength: 256 }) }),
  responses: { 200: ProvisionerKey },
  limit: 'logins',
})

export const listProvisionerKeys = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerkeys',
  summary: 'Lists the keys of daemons outside',
  access: user('list', 'provisioner_daemon'),
  params: OrganizationParams,
  responses: { 200: Type.Array(ProvisionerKey) },
})

export const listDaemonsByKey = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerkeys/daemons',
  summary: 'Lists the daemons by their keys, those built into the server under the key of that name',
  access: user('list', 'provisioner_daemon'),
  params: OrganizationParams,
  responses: { 200: Type.Array(Type.Object({ key: ProvisionerKey, daemons: Type.Array(ProvisionerDaemon) })) },
})
