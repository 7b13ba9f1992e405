// Parameter insights: values of the latest build of each workspace in the period.

import { sql } from 'kysely'
import type { TemplateParameterUsage } from '../../api/deployment/insights.ts'
import type { Db } from '../database/connect.ts'

interface Period {
  readonly from: Date
  readonly to: Date
  /** Empty selects all templates. */
  readonly templateIds: readonly string[]
}

interface ValueRow {
  readonly name: string
  readonly type: string
  readonly display_name: string
  readonly description: string
  readonly options: NonNullable<TemplateParameterUsage['options']>
  readonly value: string
  readonly count: number
  readonly template_ids: string[]
}

/** Dynamic parameters have names only, without metadata. */
export async function sumParameterUse(db: Db, { from, to, templateIds }: Period): Promise<TemplateParameterUsage[]> {
  const { rows } = await sql<ValueRow>`
    with latest as (
      select distinct on (build.workspace_id) build.id, build.template_version_id, version.template_id
      from workspace_builds build join template_versions version on version.id = build.template_version_id
      where build.created_at >= ${from} and build.created_at < ${to} and build.transition = 'start'
        and (${templateIds.length === 0} or version.template_id = any(${templateIds as string[]}::uuid[]))
      order by build.workspace_id, build.build_number desc
    )
    select given.name, coalesce(parameter.type, 'string') as type, coalesce(parameter.display_name, '') as display_name,
      coalesce(parameter.description, '') as description, coalesce(parameter.options, '[]') as options, given.value,
      count(*)::int as count, array_agg(distinct latest.template_id) as template_ids
    from latest
    join workspace_build_parameters given on given.workspace_build_id = latest.id
    left join template_version_parameters parameter
      on parameter.template_version_id = latest.template_version_id and parameter.name = given.name
    group by 1, 2, 3, 4, 5, 6
    order by given.name, count desc, given.value`.execute(db)
  return toUsage(rows)
}

function toUsage(rows: readonly ValueRow[]): TemplateParameterUsage[] {
  const usages = new Map<string, TemplateParameterUsage>()
  for (const { value, count, template_ids, options, ...parameter } of rows) {
    const key = JSON.stringify([parameter, options])
    const usage = usages.get(key) ?? {
      ...parameter,
      template_ids: [],
      ...(options.length > 0 && { options }),
      values: [],
    }
    usage.template_ids = [...new Set([...usage.template_ids, ...template_ids])].sort()
    usage.values.push({ value, count })
    usages.set(key, usage)
  }
  return [...usages.values()]
}
