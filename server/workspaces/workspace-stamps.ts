// What tells whether anything that a workspace shows has changed: the transactions that last wrote its rows. PostgreSQL
// keeps that with each row, so that no writer has to think of it.

import type { Pool } from 'pg'

export interface Stamp {
  readonly text: string
  readonly ownerId: string
}

// Of rows that only grow in number or are written anew the sum is enough: each write makes it larger.
// The ids stand in a query of their own, so that their number is nothing to plan by: PostgreSQL would else plan anew each
// time on a connection that was asked for a few when there were few, which takes four times as long as the answer.
const query = `
select workspace.id, workspace.owner_id, concat_ws('.',
  workspace.xmin, build.xmin, job.xmin, version.xmin, template.xmin, owner.xmin, initiator.xmin, organization.xmin,
  (select concat_ws('.', count(*), sum(resource.xmin::text::bigint + coalesce(agent.xmin::text::bigint, 0)
      + coalesce((select sum(app.xmin::text::bigint) from workspace_apps app where app.agent_id = agent.id), 0)
      + coalesce((select sum(source.xmin::text::bigint) from workspace_agent_log_sources source
          where source.workspace_agent_id = agent.id), 0)))
    from workspace_resources resource left join workspace_agents agent on agent.resource_id = resource.id
    where resource.job_id = build.job_id),
  (select concat_ws('.', count(*), max(created_at)) from workspace_app_statuses status
    where status.workspace_id = workspace.id),
  (select max(xmin::text::bigint) from tasks where tasks.workspace_id = workspace.id),
  case when workspace.group_acl <> '{}' then
    (select sum(groups.xmin::text::bigint) from groups where workspace.group_acl ? groups.id::text) end
) as stamp
from workspaces workspace
  join workspace_builds build on build.id = workspace.latest_build_id
  join provisioner_jobs job on job.id = build.job_id
  join template_versions version on version.id = build.template_version_id
  join templates template on template.id = workspace.template_id
  join users owner on owner.id = workspace.owner_id
  join users initiator on initiator.id = build.initiator_id
  join organizations organization on organization.id = workspace.organization_id
where workspace.id = any((select $1::uuid[])::uuid[])`

/** By workspace. */
export async function readStamps(pool: Pool, ids: readonly string[]): Promise<Map<string, Stamp>> {
  const { rows } = await pool.query<{ id: string; owner_id: string; stamp: string }>({
    name: 'workspace-stamps',
    text: query,
    values: [ids],
  })
  return new Map(rows.map(({ id, owner_id, stamp }) => [id, { text: stamp, ownerId: owner_id }]))
}
