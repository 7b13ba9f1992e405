// The values of a version's variables, as the engine takes them.

import type { Db } from '../database/connect.ts'

/** What was not given is left to the template, which knows the default even where it is secret. */
export async function readVariables(db: Db, versionId: string): Promise<Readonly<Record<string, string>>> {
  const variables = await db
    .selectFrom('template_version_variables')
    .select(['name', 'value'])
    .where('template_version_id', '=', versionId)
    .where((eb) => eb.or([eb('required', '=', true), eb('value', '<>', eb.ref('default_value'))]))
    .execute()
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]))
}
