// `coder provisioner jobs`: lists and cancels provisioner jobs.

import { getProvisionerJob, listProvisionerJobs } from '../../../api/organizations/provisioner-daemons.ts'
import type { ProvisionerJob } from '../../../api/organizations/provisioner-jobs.ts'
import { cancelDryRun, cancelTemplateVersion } from '../../../api/templates/template-versions.ts'
import { cancelBuild } from '../../../api/workspaces/builds.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireOrganization } from '../../lookup/find-organization.ts'
import { CommandError } from '../../output/errors.ts'
import { formatTags, formatTime } from '../../output/formats.ts'
import { print } from '../../output/print.ts'
import { type ColumnValues, type ListOptions, printList, sortedBy } from '../../output/tables.ts'

interface Row extends ProvisionerJob {
  /** The display name of the organization. */
  readonly organization_name: string
}

const columns: ColumnValues<Row, 'provisionerJobs'> = {
  'created at': ({ created_at }) => formatTime(created_at),
  id: ({ id }) => id,
  type: ({ type }) => type,
  'template display name': ({ metadata }) => metadata.template_display_name || metadata.template_name,
  status: ({ status }) => status,
  queue: ({ queue_position, queue_size }) => (queue_position > 0 ? `${queue_position}/${queue_size}` : ''),
  tags: ({ tags }) => formatTags(tags),
  'started at': ({ started_at }) => formatTime(started_at),
  'completed at': ({ completed_at }) => formatTime(completed_at),
  'canceled at': ({ canceled_at }) => formatTime(canceled_at),
  error: ({ error }) => error ?? '',
  'error code': ({ error_code }) => error_code ?? '',
  'worker id': ({ worker_id }) => worker_id ?? '',
  'worker name': ({ worker_name }) => worker_name ?? '',
  'file id': ({ file_id }) => file_id,
  'queue position': ({ queue_position }) => String(queue_position),
  'queue size': ({ queue_size }) => String(queue_size),
  'organization id': ({ organization_id }) => organization_id,
  'template version id': ({ input }) => input.template_version_id ?? '',
  'workspace build id': ({ input }) => input.workspace_build_id ?? '',
  'available workers': ({ available_workers }) => `[${(available_workers ?? []).join(' ')}]`,
  'template version name': ({ metadata }) => metadata.template_version_name,
  'template id': ({ metadata }) => metadata.template_id,
  'template name': ({ metadata }) => metadata.template_name,
  'template icon': ({ metadata }) => metadata.template_icon,
  'workspace id': ({ metadata }) => metadata.workspace_id ?? '',
  'workspace name': ({ metadata }) => metadata.workspace_name ?? '',
  'initiator id': ({ initiator_id }) => initiator_id,
  organization: ({ organization_name }) => organization_name,
  'logs overflowed': ({ logs_overflowed }) => String(logs_overflowed),
}

interface JobsOptions extends GlobalOptions, ListOptions<'provisionerJobs'> {
  readonly status?: readonly string[]
  readonly initiator?: string
  readonly limit: number
  readonly org?: string
}

export async function listJobs(_args: readonly string[], options: JobsOptions): Promise<void> {
  const { client } = await connect(options)
  const { id: organization, display_name } = await requireOrganization(client, options.org)
  const { limit, status, initiator } = options
  const query = {
    ...(limit > 0 && { limit }),
    ...(status ? { status: status.join() } : {}),
    ...(initiator ? { initiator } : {}),
  }
  const jobs = await client.call(listProvisionerJobs, { params: { organization }, query })
  const rows = jobs.map((job) => ({ ...job, organization_name: display_name }))
  const oldestFirst = sortedBy(rows, ({ created_at }) => created_at)
  printList(columns, oldestFirst, options, { json: rows, whenEmpty: 'No jobs found.' })
}

export async function cancelJob(
  [id = '']: readonly string[],
  options: GlobalOptions & { org?: string },
): Promise<void> {
  const { client } = await connect(options)
  const organization = (await requireOrganization(client, options.org)).id
  const { type, input } = await client.call(getProvisionerJob, { params: { organization, job: id } })
  const { workspace_build_id: workspacebuild, template_version_id: templateversion } = input
  if (type === 'workspace_build' && workspacebuild) await client.call(cancelBuild, { params: { workspacebuild } })
  else if (type === 'template_version_dry_run' && templateversion)
    await client.call(cancelDryRun, { params: { templateversion, jobID: id } })
  else if (templateversion) await client.call(cancelTemplateVersion, { params: { templateversion } })
  else throw new CommandError(`Could not cancel job ${id}: it has neither a build nor a template version.`)
  print(`Job ${id} is being canceled.`)
}
