// `coder provisioner jobs`: what provisioners do, did and have to do.

import { cancelBuild } from '../../api/builds.ts'
import type { ProvisionerJob } from '../../api/jobs.ts'
import { getProvisionerJob, listProvisionerJobs } from '../../api/provisioner-daemons.ts'
import { cancelDryRun, cancelTemplateVersion } from '../../api/template-versions.ts'
import { connect, myOrganization } from '../connect.ts'
import { CommandError } from '../errors.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Column, formatTags, formatTime, type ListOptions, print, printList } from '../output.ts'

const columns: readonly Column<ProvisionerJob>[] = [
  { title: 'created at', value: ({ created_at }) => created_at },
  { title: 'id', value: ({ id }) => id },
  { title: 'type', value: ({ type }) => type },
  { title: 'template display name', value: ({ metadata }) => metadata.template_display_name || metadata.template_name },
  { title: 'status', value: ({ status }) => status },
  {
    title: 'queue',
    value: ({ queue_position, queue_size }) => (queue_position > 0 ? `${queue_position}/${queue_size}` : ''),
  },
  { title: 'tags', value: ({ tags }) => formatTags(tags) },
  { title: 'started at', value: ({ started_at }) => formatTime(started_at), isExtra: true },
  { title: 'completed at', value: ({ completed_at }) => formatTime(completed_at), isExtra: true },
  { title: 'canceled at', value: ({ canceled_at }) => formatTime(canceled_at), isExtra: true },
  { title: 'error', value: ({ error }) => error ?? '', isExtra: true },
  { title: 'error code', value: ({ error_code }) => error_code ?? '', isExtra: true },
  { title: 'worker id', value: ({ worker_id }) => worker_id ?? '', isExtra: true },
  { title: 'worker name', value: ({ worker_name }) => worker_name ?? '', isExtra: true },
  { title: 'file id', value: ({ file_id }) => file_id, isExtra: true },
  { title: 'queue position', value: ({ queue_position }) => String(queue_position), isExtra: true },
  { title: 'queue size', value: ({ queue_size }) => String(queue_size), isExtra: true },
  { title: 'organization id', value: ({ organization_id }) => organization_id, isExtra: true },
  { title: 'template version id', value: ({ input }) => input.template_version_id ?? '', isExtra: true },
  { title: 'workspace build id', value: ({ input }) => input.workspace_build_id ?? '', isExtra: true },
  { title: 'available workers', value: ({ available_workers }) => (available_workers ?? []).join(', '), isExtra: true },
  { title: 'template version name', value: ({ metadata }) => metadata.template_version_name, isExtra: true },
  { title: 'template id', value: ({ metadata }) => metadata.template_id, isExtra: true },
  { title: 'template name', value: ({ metadata }) => metadata.template_name, isExtra: true },
  { title: 'template icon', value: ({ metadata }) => metadata.template_icon, isExtra: true },
  { title: 'workspace id', value: ({ metadata }) => metadata.workspace_id ?? '', isExtra: true },
  { title: 'workspace name', value: ({ metadata }) => metadata.workspace_name ?? '', isExtra: true },
  { title: 'logs overflowed', value: ({ logs_overflowed }) => String(logs_overflowed), isExtra: true },
]

interface JobsOptions extends GlobalOptions, ListOptions {
  readonly status?: string
  readonly initiator?: string
  readonly limit: number
  readonly org?: string
}

export async function listJobs(_args: readonly string[], options: JobsOptions): Promise<void> {
  const { client } = await connect(options)
  const organization = (await myOrganization(client, options.org)).id
  const { limit, status, initiator } = options
  const query = { limit, ...(status ? { status } : {}), ...(initiator ? { initiator } : {}) }
  const jobs = await client.call(listProvisionerJobs, { params: { organization }, query })
  printList(columns, jobs, options, { whenEmpty: 'No jobs found.' })
}

export async function cancelJob(
  [id = '']: readonly string[],
  options: GlobalOptions & { org?: string },
): Promise<void> {
  const { client } = await connect(options)
  const organization = (await myOrganization(client, options.org)).id
  const { type, input } = await client.call(getProvisionerJob, { params: { organization, job: id } })
  const { workspace_build_id: workspacebuild, template_version_id: templateversion } = input
  if (type === 'workspace_build' && workspacebuild) await client.call(cancelBuild, { params: { workspacebuild } })
  else if (type === 'template_version_dry_run' && templateversion)
    await client.call(cancelDryRun, { params: { templateversion, jobID: id } })
  else if (templateversion) await client.call(cancelTemplateVersion, { params: { templateversion } })
  else throw new CommandError(`The job ${id} cannot be canceled: it belongs to nothing.`)
  print(`The job ${id} is being canceled.`)
}
