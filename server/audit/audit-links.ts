// Links from audit log entries to their resources, and whether these still exist. One query per resource type,
// independent of the number of entries.

import { sql } from 'kysely'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'

interface AuditedResource {
  readonly link: string
  readonly isDeleted: boolean
}

type Found = [id: string, resource: AuditedResource]
type Finder = (db: Db, ids: string[]) => Promise<Found[]>

/** Resource types with a page. */
const finders: Readonly<Record<string, Finder>> = {
  template: async (db, ids) => {
    const rows = await db.selectFrom('templates').where('id', 'in', ids).select(['id', 'name', 'deleted']).execute()
    return rows.map(({ id, name, deleted }) => [id, { link: `/templates/${name}`, isDeleted: deleted }])
  },
  template_version: async (db, ids) => {
    const rows = await db
      .selectFrom('template_versions as version')
      .innerJoin('templates as template', 'template.id', 'version.template_id')
      .where('version.id', 'in', ids)
      .select(['version.id', 'version.name', 'template.name as template', 'template.deleted'])
      .execute()
    return rows.map(({ id, name, template, deleted }) => [
      id,
      { link: `/templates/${template}/versions/${name}`, isDeleted: deleted },
    ])
  },
  user: async (db, ids) => {
    const rows = await db.selectFrom('users').where('id', 'in', ids).select(['id', 'username', 'deleted']).execute()
    return rows.map(({ id, username, deleted }) => [id, { link: `/users?filter=${username}`, isDeleted: deleted }])
  },
  workspace: async (db, ids) => {
    const rows = await db
      .selectFrom('workspaces as workspace')
      .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
      .where('workspace.id', 'in', ids)
      .select(['workspace.id', 'workspace.name', 'owner.username', 'workspace.deleted'])
      .execute()
    return rows.map(({ id, name, username, deleted }) => [id, { link: `/@${username}/${name}`, isDeleted: deleted }])
  },
  workspace_build: async (db, ids) => {
    const rows = await db
      .selectFrom('workspace_builds as build')
      .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
      .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
      .where('build.id', 'in', ids)
      .select([
        'build.id',
        'workspace.deleted',
        sql<string>`'/@' || owner.username || '/' || workspace.name || '/builds/' || build.build_number`.as('link'),
      ])
      .execute()
    return rows.map(({ id, link, deleted }) => [id, { link, isDeleted: deleted }])
  },
}

export async function findAuditedResources(
  db: Db,
  entries: readonly Pick<Row<'audit_logs'>, 'resource_type' | 'resource_id'>[],
): Promise<ReadonlyMap<string, AuditedResource>> {
  const found = await Promise.all(
    Object.entries(finders).map(async ([type, find]) => {
      const ids = entries.filter(({ resource_type }) => resource_type === type).map(({ resource_id }) => resource_id)
      return ids.length > 0 ? await find(db, [...new Set(ids)]) : []
    }),
  )
  return new Map(found.flat())
}
