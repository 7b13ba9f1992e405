// `coder provisioner list`: lists the provisioner daemons of an organization.

import { listProvisionerDaemons, type ProvisionerDaemon } from '../../../api/organizations/provisioner-daemons.ts'
import { formatGoDuration, parseDuration } from '../../arguments/durations.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireOrganization } from '../../lookup/find-organization.ts'
import { formatTags, formatTime } from '../../output/formats.ts'
import { type ColumnValues, type ListOptions, printList, sortedBy } from '../../output/tables.ts'

type Job = NonNullable<ProvisionerDaemon['current_job']>

interface Row extends ProvisionerDaemon {
  /** The display name of the organization. */
  readonly organization_name: string
}

/** A column of the current job; empty without one. */
const ofCurrent =
  (format: (job: Job) => string) =>
  ({ current_job: job }: Row) =>
    job ? format(job) : ''
const ofPrevious =
  (format: (job: Job) => string) =>
  ({ previous_job: job }: Row) =>
    job ? format(job) : ''

const columns: ColumnValues<Row, 'provisioners'> = {
  id: ({ id }) => id,
  'organization id': ({ organization_id }) => organization_id,
  'created at': ({ created_at }) => formatTime(created_at),
  'last seen at': ({ last_seen_at }) => formatTime(last_seen_at),
  'key name': ({ key_name }) => key_name ?? '',
  name: ({ name }) => name,
  version: ({ version }) => version,
  'api version': ({ api_version }) => api_version,
  status: ({ status }) => status ?? '',
  tags: ({ tags }) => formatTags(tags),
  'current job id': ofCurrent(({ id }) => id),
  'current job status': ofCurrent(({ status }) => status),
  'current job template name': ofCurrent(({ template_name }) => template_name),
  'current job template icon': ofCurrent(({ template_icon }) => template_icon),
  'current job template display name': ofCurrent(({ template_display_name }) => template_display_name),
  'previous job id': ofPrevious(({ id }) => id),
  'previous job status': ofPrevious(({ status }) => status),
  'previous job template name': ofPrevious(({ template_name }) => template_name),
  'previous job template icon': ofPrevious(({ template_icon }) => template_icon),
  'previous job template display name': ofPrevious(({ template_display_name }) => template_display_name),
  organization: ({ organization_name }) => organization_name,
}

interface ProvisionersOptions extends GlobalOptions, ListOptions<'provisioners'> {
  readonly org?: string
  readonly limit: number
  readonly status?: readonly string[]
  readonly showOffline?: boolean
  readonly maxAge?: string
}

export async function listProvisioners(_args: readonly string[], options: ProvisionersOptions): Promise<void> {
  const { client } = await connect(options)
  const { id: organization, display_name } = await requireOrganization(client, options.org)
  const query = {
    // 0 and below mean no limit, as in Coder's command line.
    ...(options.limit > 0 && { limit: options.limit }),
    ...(options.status && { status: options.status.join() }),
    ...(options.showOffline && { offline: true }),
    ...(options.maxAge && { max_age: formatGoDuration(parseDuration(options.maxAge, '--max-age')) }),
  }
  const daemons = await client.call(listProvisionerDaemons, { params: { organization }, query })
  const rows = daemons.map((daemon) => ({ ...daemon, organization_name: display_name }))
  printList(columns, sortedBy(rows, columns.name), options, { json: rows, whenEmpty: 'No provisioners found.' })
}
