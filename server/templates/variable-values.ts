// The values of template variables. Those of sensitive variables are stored encrypted.

import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'
import type { Encryption } from '../encryption/encryption.ts'

type Variable = Pick<Row<'template_version_variables'>, 'template_version_id' | 'name' | 'value' | 'sensitive'>

const bindingOf = ({ template_version_id: versionId, name }: Pick<Variable, 'template_version_id' | 'name'>) =>
  `template_version_variables.value/${versionId}/${name}` as const

/** The row of a variable, with its value encrypted if it is sensitive. */
export function encryptVariable<V extends Variable>(
  encryption: Encryption,
  variable: V,
): V & { value_key_id?: string } {
  if (!variable.sensitive) return variable
  const { data, keyId } = encryption.encrypt(variable.value, bindingOf(variable))
  return { ...variable, value: data.toString('base64'), value_key_id: keyId }
}

/** The values of a template version for the engine. Omits unset variables: the template knows the default, even of
 *  sensitive variables. @throws MissingKeyError */
export async function readVariables(
  db: Db,
  encryption: Encryption,
  versionId: string,
): Promise<Readonly<Record<string, string>>> {
  const variables = await db
    .selectFrom('template_version_variables')
    .select(['template_version_id', 'name', 'value', 'value_key_id', 'default_value', 'required'])
    .where('template_version_id', '=', versionId)
    .execute()
  return Object.fromEntries(
    variables.flatMap((variable) => {
      const value = decryptValue(encryption, variable)
      return variable.required || value !== variable.default_value ? [[variable.name, value]] : []
    }),
  )
}

function decryptValue(
  encryption: Encryption,
  variable: Pick<Row<'template_version_variables'>, 'template_version_id' | 'name' | 'value' | 'value_key_id'>,
): string {
  const { value, value_key_id: keyId } = variable
  if (keyId === null) return value
  const remedy = `Without it, push a new version of the template with a value of the variable "${variable.name}".`
  return encryption.decrypt({ keyId, data: Buffer.from(value, 'base64') }, bindingOf(variable), remedy).toString('utf8')
}
