// Provisioner tags of a template, evaluated before the import is queued, because the import itself needs a matching
// daemon. Parameters have their defaults.

import { type NamedValue, zeroUuid } from '../../api/common.ts'
import { ArchiveError } from '../archives/archive-entry.ts'
import { loadOwner } from './load-owner.ts'
import { openTemplateFiles } from './template-files.ts'
import { evaluateForm, type FormContext, placeholderWorkspace } from './template-form.ts'

/** Empty without tags and for unreadable archives, whose errors are in the import log. */
export async function readImportTags(
  context: FormContext,
  fileId: string,
  initiatorId: string,
  values: readonly NamedValue[],
): Promise<Readonly<Record<string, string>>> {
  try {
    const files = await openTemplateFiles(context.db, context.config.dataDir, fileId)
    const { owner, ownsDeployment } = await loadOwner(context.db, context.encryption, initiatorId)
    const { tags } = await evaluateForm(context, {
      kind: 'form',
      dir: files.dir,
      fileHash: files.hash,
      variables: Object.fromEntries(values.map(({ name, value }) => [name, value])),
      mayAccessHost: ownsDeployment,
      mayReadOutsideModule: ownsDeployment,
      coder: {
        accessUrl: context.accessUrl,
        workspace: placeholderWorkspace,
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
