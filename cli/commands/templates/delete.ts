// `coder templates delete`: deletes templates that no workspace uses.

import { deleteTemplate, listTemplates } from '../../../api/templates/templates.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { requireTemplate } from '../../lookup/find-template.ts'
import { print } from '../../output/print.ts'
import { confirm, selectName } from '../../prompts/prompts.ts'

interface DeleteOptions extends GlobalOptions {
  readonly org?: string
  readonly yes?: boolean
}

export async function deleteTemplates(args: readonly string[], options: DeleteOptions): Promise<void> {
  const connection = await connect(options)
  const existing = async () => (await connection.client.call(listTemplates)).map(({ name }) => name)
  const names = args.length > 0 ? args : [await selectName('Template', await existing(), { flag: 'a name' })]
  const templates = await Promise.all(names.map((name) => requireTemplate(connection, name, options.org)))
  await confirm(`Delete ${names.join(', ')}?`, { skip: options.yes ?? false })
  for (const { id, name } of templates) {
    await connection.client.call(deleteTemplate, { params: { template: id } })
    print(`Template ${name} was deleted.`)
  }
}
