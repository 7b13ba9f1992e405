// Whether a workspace that takes each new version would fail to start by itself, because the active one asks for
// parameters that nobody has answered.

import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import { resolveParameters } from './resolve-parameters.ts'

export async function hasParameterMismatch(db: Db, workspace: Row<'workspaces'>): Promise<boolean> {
  if (workspace.autostart_schedule === null || workspace.automatic_updates !== 'always') return false
  const build = await db
    .selectFrom('workspace_builds as build')
    .innerJoin('templates as template', (join) => join.on('template.id', '=', workspace.template_id))
    .where('build.id', '=', workspace.latest_build_id)
    .select(['build.id', 'build.template_version_id', 'template.active_version_id'])
    .executeTakeFirstOrThrow()
  if (build.template_version_id === build.active_version_id) return false
  const [parameters, previous] = await Promise.all([
    db
      .selectFrom('template_version_parameters')
      .selectAll()
      .where('template_version_id', '=', build.active_version_id)
      .execute(),
    db
      .selectFrom('workspace_build_parameters')
      .select(['name', 'value'])
      .where('workspace_build_id', '=', build.id)
      .execute(),
  ])
  return resolveParameters({ parameters, previous, requested: [], preset: [] }).validations.length > 0
}
