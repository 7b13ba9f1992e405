// Lists of provisioner daemons and their jobs.

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

// Coder rejects unknown parameters only for these two endpoints.
const rejectUnknownKeys = { additionalProperties: false }

export const listProvisionerDaemons = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerdaemons',
  summary: 'List the provisioner daemons, including the built-in ones.',
  // Each entry names the daemon's current or last job.
  access: user('read', 'provisioner_jobs'),
  params: OrganizationParams,
  query: Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 0, maximum: maxCount })),
      /** Comma-separated IDs. */
      ids: Type.Optional(Type.String()),
      status: Type.Optional(Type.String()),
      /** Includes offline daemons, which are omitted by default. */
      offline: Type.Optional(Type.Boolean()),
      /** Only daemons seen within this Go duration, such as `1h0m0s`. */
      max_age: Type.Optional(Type.String()),
      /** A JSON object of tags that the daemon must have. */
      tags: Type.Optional(Type.String()),
    },
    rejectUnknownKeys,
  ),
  responses: { 200: Type.Array(ProvisionerDaemon) },
})

export const listProvisionerJobs = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerjobs',
  summary: 'List provisioner jobs with their metadata, newest first. The default limit is fifty.',
  access: user('read', 'provisioner_jobs'),
  params: OrganizationParams,
  query: Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 0, maximum: maxCount })),
      /** Comma-separated. */
      ids: Type.Optional(Type.String()),
      /** Comma-separated. */
      status: Type.Optional(Type.String()),
      /** A JSON object of tags that the job must have. */
      tags: Type.Optional(Type.String()),
      /** The initiator: an ID, a username, or `me`. */
      initiator: Type.Optional(Type.String()),
    },
    rejectUnknownKeys,
  ),
  responses: { 200: Type.Array(ProvisionerJob) },
})

export const getProvisionerJob = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/provisionerjobs/:job',
  summary: 'Get a provisioner job with its metadata.',
  access: user('read', 'provisioner_jobs'),
  params: Type.Object({ organization: Type.String(), job: Uuid }),
  responses: { 200: ProvisionerJob },
})
