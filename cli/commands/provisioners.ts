// `coder provisioner`: who carries out the jobs of builds and imports.

import { listProvisionerDaemons, type ProvisionerDaemon } from '../../api/provisioner-daemons.ts'
import { connect, myOrganization } from '../connect.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Column, formatTags, formatTime, type ListOptions, printList } from '../output.ts'

type Job = NonNullable<ProvisionerDaemon['current_job']>

const jobFields: Readonly<Record<string, (job: Job) => string>> = {
  id: ({ id }) => id,
  status: ({ status }) => status,
  'template name': ({ template_name }) => template_name,
  'template icon': ({ template_icon }) => template_icon,
  'template display name': ({ template_display_name }) => template_display_name,
}

const jobColumns = (
  which: string,
  jobOf: (daemon: ProvisionerDaemon) => Job | null,
): readonly Column<ProvisionerDaemon>[] =>
  Object.entries(jobFields).map(([field, read]) => ({
    title: `${which} job ${field}`,
    value: (daemon) => {
      const job = jobOf(daemon)
      return job ? read(job) : ''
    },
    isExtra: true,
  }))

const columns: readonly Column<ProvisionerDaemon>[] = [
  { title: 'id', value: ({ id }) => id, isExtra: true },
  { title: 'organization id', value: ({ organization_id }) => organization_id, isExtra: true },
  { title: 'created at', value: ({ created_at }) => created_at },
  { title: 'last seen at', value: ({ last_seen_at }) => formatTime(last_seen_at) },
  { title: 'key name', value: ({ key_name }) => key_name ?? '' },
  { title: 'name', value: ({ name }) => name },
  { title: 'version', value: ({ version }) => version },
  { title: 'api version', value: ({ api_version }) => api_version, isExtra: true },
  { title: 'status', value: ({ status }) => status ?? '' },
  { title: 'tags', value: ({ tags }) => formatTags(tags) },
  ...jobColumns('current', ({ current_job }) => current_job),
  ...jobColumns('previous', ({ previous_job }) => previous_job),
]

export async function listProvisioners(
  _args: readonly string[],
  options: GlobalOptions & ListOptions & { org?: string; limit: number; status?: string },
): Promise<void> {
  const { client } = await connect(options)
  const organization = (await myOrganization(client, options.org)).id
  const query = { limit: options.limit, ...(options.status && { status: options.status }) }
  const daemons = await client.call(listProvisionerDaemons, { params: { organization }, query })
  printList(columns, daemons, options, { whenEmpty: 'No provisioners found.' })
}
