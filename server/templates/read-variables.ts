// Loads the variable values of a template version for the engine.

import type { Db } from '../database/connect.ts'

/** Omits unset variables: the template knows the default, even of sensitive variables. */
export async function readVariables(db: Db, versionId: string): Promise<Readonly<Record<string, string>>> {
  const variables = await db
    .selectFrom('template_version_variables')
    .select(['name', 'value'])
    .where('template_version_id', '=', versionId)
    .where((eb) => eb.or([eb('required', '=', true), eb('value', '<>', eb.ref('default_value'))]))
    .execute()
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]))
}
