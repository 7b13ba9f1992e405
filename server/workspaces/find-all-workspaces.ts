// The unfiltered workspace list: a prepared index query for the page, and a count that is cached until a workspace is
// created or deleted.

import type { Pool } from 'pg'
import type { WorkspacePage } from './find-workspaces.ts'

const subquery = (not: '' | 'not') => `(
  select id, ${not === ''} as is_first, is_running, owner_sort, lower(name) as sort_name
  from workspaces where not deleted and ${not} (favorite and owner_id = $1)
  order by is_running desc, owner_sort, lower(name) limit $2::int + $3::int)`

const pageQuery = `
select id, (select generation from workspace_generation) as generation
from (${subquery('')} union all ${subquery('not')}) page
order by is_first desc, is_running desc, owner_sort, sort_name limit $2 offset $3`

// One snapshot: the count belongs to the generation that is returned with it.
const countQuery = `
select count(*) as count, (select generation from workspace_generation) as generation
from workspaces where not deleted`

type FindAll = (viewerId: string, page: WorkspacePage) => Promise<{ ids: string[]; count: number }>

export function createFindAll(pool: Pool): FindAll {
  let counted = { generation: -1, count: 0 }

  async function count(): Promise<number> {
    const { rows } = await pool.query<{ count: number; generation: number }>({ name: 'count-all', text: countQuery })
    const [fresh] = rows
    if (!fresh) throw new Error('the count returned no row')
    // Of two concurrent counts the newer one is cached.
    if (fresh.generation > counted.generation) counted = fresh
    return fresh.count
  }

  return async (viewerId, { limit, offset }) => {
    const { rows } = await pool.query<{ id: string; generation: number }>({
      name: 'list-all',
      text: pageQuery,
      values: [viewerId, limit, offset],
    })
    const isKnown = rows[0]?.generation === counted.generation
    return { ids: rows.map(({ id }) => id), count: isKnown ? counted.count : await count() }
  }
}
