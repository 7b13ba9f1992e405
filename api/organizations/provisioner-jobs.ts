// The provisioner job of each template version and build, and its logs. The workspace status is derived from the job
// status in server/builds.

import { type Static, Type } from 'typebox'
import { Flag, nullable, oneOf, Timestamp, Uuid } from '../common.ts'

export const ProvisionerJobStatus = oneOf([
  'pending',
  'running',
  'succeeded',
  'canceling',
  'canceled',
  'failed',
  'unknown',
])
export type ProvisionerJobStatus = Static<typeof ProvisionerJobStatus>

const ProvisionerJobType = oneOf(['template_version_import', 'workspace_build', 'template_version_dry_run'])
export type ProvisionerJobType = Static<typeof ProvisionerJobType>

const JobErrorCode = oneOf(['REQUIRED_TEMPLATE_VARIABLES', 'MISSING_TEMPLATE_PARAMETER'])
export type JobErrorCode = Static<typeof JobErrorCode>

/** The object that the job works on. */
const ProvisionerJobInput = Type.Object({
  template_version_id: Type.Optional(Uuid),
  workspace_build_id: Type.Optional(Uuid),
  error: Type.Optional(Type.String()),
})
export type ProvisionerJobInput = Static<typeof ProvisionerJobInput>

/** Set in lists of jobs; elsewhere the strings are empty and the ID is zero. */
const ProvisionerJobMetadata = Type.Object({
  template_version_name: Type.String(),
  template_id: Uuid,
  template_name: Type.String(),
  template_display_name: Type.String(),
  template_icon: Type.String(),
  workspace_id: Type.Optional(Uuid),
  workspace_name: Type.Optional(Type.String()),
})
export type ProvisionerJobMetadata = Static<typeof ProvisionerJobMetadata>

export const ProvisionerTags = Type.Record(Type.String(), Type.String())
export type ProvisionerTags = Static<typeof ProvisionerTags>

export const ProvisionerJob = Type.Object({
  id: Uuid,
  created_at: Timestamp,
  started_at: Type.Optional(Timestamp),
  completed_at: Type.Optional(Timestamp),
  canceled_at: Type.Optional(Timestamp),
  error: Type.Optional(Type.String()),
  error_code: Type.Optional(JobErrorCode),
  status: ProvisionerJobStatus,
  worker_id: Type.Optional(Uuid),
  worker_name: Type.Optional(Type.String()),
  file_id: Uuid,
  tags: ProvisionerTags,
  queue_position: Type.Integer(),
  queue_size: Type.Integer(),
  organization_id: Uuid,
  initiator_id: Uuid,
  input: ProvisionerJobInput,
  type: ProvisionerJobType,
  available_workers: Type.Optional(Type.Array(Uuid)),
  metadata: ProvisionerJobMetadata,
  logs_overflowed: Type.Boolean(),
})
export type ProvisionerJob = Static<typeof ProvisionerJob>

/** Number of daemons that match the job's tags. Clients warn if `available` is 0. */
export const MatchedProvisioners = Type.Object({
  count: Type.Integer(),
  available: Type.Integer(),
  most_recently_seen: nullable(Timestamp),
})
export type MatchedProvisioners = Static<typeof MatchedProvisioners>

export const LogLevel = oneOf(['trace', 'debug', 'info', 'warn', 'error'])
export type LogLevel = Static<typeof LogLevel>

const LogSource = oneOf(['provisioner_daemon', 'provisioner'])
export type LogSource = Static<typeof LogSource>

/** IDs ascend within a job; pass the last one as `after` to continue. */
export const ProvisionerJobLog = Type.Object({
  id: Type.Integer(),
  created_at: Timestamp,
  log_source: LogSource,
  log_level: LogLevel,
  stage: Type.String(),
  output: Type.String(),
})
export type ProvisionerJobLog = Static<typeof ProvisionerJobLog>

/** Coder's dashboard requests logs from the start with -1. */
const LogId = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER })
const logRange = { before: Type.Optional(LogId), after: Type.Optional(LogId) }

/** `format=text` returns plain lines. `follow` is for upgrades only. */
export const LogsQuery = Type.Object({
  ...logRange,
  follow: Type.Optional(Flag),
  format: Type.Optional(oneOf(['json', 'text'])),
})
export type LogsQuery = Static<typeof LogsQuery>

/** The same path as an upgrade: one or more lines per frame, until the job or build finishes. */
export const FollowLogsQuery = Type.Object({
  ...LogsQuery.properties,
  no_compression: Type.Optional(Flag),
})
export type FollowLogsQuery = Static<typeof FollowLogsQuery>
