// Detects workspaces with automatic updates that cannot autostart, because the active version requires
// parameters without a value.

import { ApiError } from '../../api/errors.ts'
import type { Row } from '../database/schema.ts'
import { loadOwner } from '../templates/load-owner.ts'
import { type FormContext, openForm } from '../templates/template-form.ts'
import { resolveFormParameters } from './resolve-form-parameters.ts'
import { resolveParameters, type ValueSources } from './resolve-parameters.ts'

export async function hasParameterMismatch(context: FormContext, workspace: Row<'workspaces'>): Promise<boolean> {
  const { db } = context
  if (workspace.autostart_schedule === null || workspace.automatic_updates !== 'always') return false
  const build = await db
    .selectFrom('workspace_builds as build')
    .innerJoin('templates as template', (join) => join.on('template.id', '=', workspace.template_id))
    .where('build.id', '=', workspace.latest_build_id)
    .select([
      'build.id',
      'build.template_version_id',
      'template.active_version_id',
      'template.use_classic_parameter_flow',
    ])
    .executeTakeFirstOrThrow()
  if (build.template_version_id === build.active_version_id) return false
  const previous = await db
    .selectFrom('workspace_build_parameters')
    .select(['name', 'value'])
    .where('workspace_build_id', '=', build.id)
    .execute()
  const sources = { previous, requested: [], preset: [] }
  if (!build.use_classic_parameter_flow)
    return await isRejectedByForm(context, workspace, build.active_version_id, sources)
  const parameters = await db
    .selectFrom('template_version_parameters')
    .selectAll()
    .where('template_version_id', '=', build.active_version_id)
    .execute()
  return resolveParameters({ parameters, ...sources }).validations.length > 0
}

async function isRejectedByForm(
  context: FormContext,
  workspace: Row<'workspaces'>,
  versionId: string,
  sources: ValueSources,
): Promise<boolean> {
  const formOwner = {
    ...(await loadOwner(context.db, context.encryption, workspace.owner_id)),
    workspace: { id: workspace.id, name: workspace.name },
  }
  try {
    await resolveFormParameters(await openForm(context, context.db, versionId), formOwner, sources)
    return false
  } catch (error) {
    if (error instanceof ApiError) return true
    throw error
  }
}
