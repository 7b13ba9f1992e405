// The daemons that carry out jobs, and the jobs, as the dashboard lists them.

import { type Static, Type } from 'typebox'
import { maxCount, nullable, oneOf, Timestamp, Uuid } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { OrganizationParams } from './organizations.ts'
import { ProvisionerJob, ProvisionerJobStatus, ProvisionerTags } from './provisioner-jobs.ts'

export const ProvisionerDaemonStatus = oneOf(['offline', 'idle', 'busy'])
export type ProvisionerDaemonStatus = Static<typeof ProvisionerDaemonStatus>

export const ProvisionerDaemonJob = Type.Object({
  id: Uuid,
  status: ProvisionerJobStatus,
  template_name: Type.String(),
  template_icon: Type.String(),
  template_display_name: Type.String(),
})
export type ProvisionerDaemonJob = Static<typeof ProvisionerDaemonJob>

export const ProvisionerDaemon = Type.Object({
  id: Uuid,
  organization_id: Uuid,
  key_id: Uuid,
  created_at: Timestamp,
  last_seen_at: nullable(Timestamp),
  name: Type.String(),
  version: Type.String(),
  api_version: Type.String(),
  provisioners: Type.Array(Type.String()),
  tags: ProvisionerTags,
  key_name: nullable(Type.String()),
  status: nullable(ProvisionerDaemonStatus),
  current_job: nullable(ProvisionerDaemonJob),
  previous_job: nullable(ProvisionerDaemonJob),
})
export type ProvisionerDaemon = Static<typeof ProvisionerDaemon>

// As Coder answers these two; elsewhere it skips what it does not know.
const unknownRefused = { additionalProperties: false }

export const listProvisionerDaemons = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerdaemons',
  summary: 'Lists the daemons that take jobs, those built into the server among them',
  // Each names what it does or did last.
  access: user('read', 'provisioner_jobs'),
  params: OrganizationParams,
  query: Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 0, maximum: maxCount })),
      /** Comma-separated ids. */
      ids: Type.Optional(Type.String()),
      status: Type.Optional(Type.String()),
      /** With those that are away, which are left out otherwise. */
      offline: Type.Optional(Type.Boolean()),
      /** Only those seen since; in Go's notation, as `1h0m0s`. */
      max_age: Type.Optional(Type.String()),
      /** A JSON object of tags that the daemon must have. */
      tags: Type.Optional(Type.String()),
    },
    unknownRefused,
  ),
  responses: { 200: Type.Array(ProvisionerDaemon) },
})

export const listProvisionerJobs = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerjobs',
  summary: 'Lists jobs with what they are for, newest first; fifty unless asked otherwise',
  access: user('read', 'provisioner_jobs'),
  params: OrganizationParams,
  query: Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 0, maximum: maxCount })),
      /** Comma-separated. */
      ids: Type.Optional(Type.String()),
      /** Comma-separated. */
      status: Type.Optional(Type.String()),
      /** A JSON object of tags that the job must ask for. */
      tags: Type.Optional(Type.String()),
      /** Who asked for it: an id, a name, or `me`. */
      initiator: Type.Optional(Type.String()),
    },
    unknownRefused,
  ),
  responses: { 200: Type.Array(ProvisionerJob) },
})

export const getProvisionerJob = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerjobs/:job',
  summary: 'Gives a job with what it is for',
  access: user('read', 'provisioner_jobs'),
  params: Type.Object({ organization: Type.String(), job: Uuid }),
  responses: { 200: ProvisionerJob },
})
