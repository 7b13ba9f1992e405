// The tags that a template asks its provisioners to have, found out before its import is asked for: the import itself
// needs a daemon that has them. Parameters count with their defaults, as nobody has answered yet.

import type { NamedValue } from '../../api/common.ts'
import { zeroUuid } from '../../api/common.ts'
import { ArchiveError } from '../archives/archive-entry.ts'
import { loadOwner } from './load-owner.ts'
import { openTemplateFiles } from './template-files.ts'
import { askEngine, type FormContext, unnamed } from './template-form.ts'

/** Empty where it asks for none, and for an archive that cannot be read: the log of its import tells what is wrong. */
export async function readImportTags(
  context: FormContext,
  fileId: string,
  initiatorId: string,
  values: readonly NamedValue[],
): Promise<Readonly<Record<string, string>>> {
  try {
    const files = await openTemplateFiles(context.db, context.config.dataDir, fileId)
    const { owner, ownsDeployment } = await loadOwner(context.db, initiatorId)
    const { tags } = await askEngine(context, {
      kind: 'form',
      dir: files.dir,
      fileHash: files.hash,
      variables: Object.fromEntries(values.map(({ name, value }) => [name, value])),
      mayExecuteHere: ownsDeployment,
      coder: {
        accessUrl: context.accessUrl,
        workspace: unnamed,
        buildId: '',
        owner,
        template: { id: zeroUuid, name: '', version: '' },
        parameters: {},
      },
    })
    return tags
  } catch (error) {
    if (error instanceof ArchiveError) return {}
    throw error
  }
}
