// Keys with which provisioner daemons sign in. Daemons live in coderd and need none: clients know them by a key of the
// name `built-in`, which nobody can make or take away.

import { Type } from 'typebox'
import { Timestamp, Uuid } from './common.ts'
import { endpoint, user } from './endpoint.ts'
import { ProvisionerTags } from './jobs.ts'
import { OrganizationParams } from './organizations.ts'
import { ProvisionerDaemon } from './provisioner-daemons.ts'

export const ProvisionerKey = Type.Object({
  id: Uuid,
  created_at: Timestamp,
  organization: Uuid,
  name: Type.String(),
  tags: ProvisionerTags,
})

export const listProvisionerKeys = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerkeys',
  summary: 'Lists the keys of daemons from outside: none',
  access: user('list', 'provisioner_daemon'),
  params: OrganizationParams,
  responses: { 200: Type.Array(ProvisionerKey) },
})

export const listDaemonsByKey = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerkeys/daemons',
  summary: 'Lists the daemons by their keys: those built into the server under the key of that name',
  access: user('list', 'provisioner_daemon'),
  params: OrganizationParams,
  responses: { 200: Type.Array(Type.Object({ key: ProvisionerKey, daemons: Type.Array(ProvisionerDaemon) })) },
})
