// Change stamps of workspaces: the transaction IDs (xmin) that last wrote the related rows. PostgreSQL maintains them,
// so writers need no code for cache invalidation.

import type { Pool } from 'pg'

export interface Stamp {
  readonly text: string
  readonly ownerId: string
}

// For tables that are append-only or rewritten, the sum is sufficient: each write increases it. The IDs are in a
// subquery, so that the plan does not depend on their number: PostgreSQL would otherwise replan each execution, which
// takes four times as long as the query.
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

/** Stamps by workspace ID. */
export async function readStamps(pool: Pool, ids: readonly string[]): Promise<Map<string, Stamp>> {
  const { rows } = await pool.query<{ id: string; owner_id: string; stamp: string }>({
    name: 'workspace-stamps',
    text: query,
    values: [ids],
  })
  return new Map(rows.map(({ id, owner_id, stamp }) => [id, { text: stamp, ownerId: owner_id }]))
}
