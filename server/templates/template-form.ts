// Evaluates the dynamic parameters of a template version: loads the inputs once, then calls the engine for each
// change of values. Used by resolve-form-parameters.ts and routes/templates/dynamic-parameters.ts.

import { zeroUuid } from '../../api/common.ts'
import type { BaseContext } from '../base-context.ts'
import type { Db } from '../database/connect.ts'
import type { Engine, FormOutcome, FormTask } from '../jobs/engine.ts'
import { isAuthoredByOwner, type LoadedOwner } from './load-owner.ts'
import { openTemplateFiles } from './template-files.ts'
import { readVariables } from './variable-values.ts'

export interface FormContext extends Pick<BaseContext, 'db' | 'encryption' | 'config' | 'accessUrl'> {
  readonly engine: Engine
}

export interface TemplateForm {
  /** Evaluates the template with these parameter values for this owner. */
  evaluate(values: Readonly<Record<string, string>>, formOwner: FormOwner): Promise<FormOutcome>
}

export interface FormOwner extends LoadedOwner {
  /** The workspace of the form, if it exists or has a name. */
  readonly workspace?: { readonly id: string; readonly name: string } | undefined
}

/** @param db database or transaction to read the version from */
export async function openForm(context: FormContext, db: Db, versionId: string): Promise<TemplateForm> {
  const version = await db
    .selectFrom('template_versions as version')
    .innerJoin('provisioner_jobs as job', 'job.id', 'version.job_id')
    .leftJoin('templates as template', 'template.id', 'version.template_id')
    .where('version.id', '=', versionId)
    .select(['version.name', 'job.file_id', 'template.id as template_id', 'template.name as template_name'])
    .executeTakeFirstOrThrow()
  const files = await openTemplateFiles(db, context.config.dataDir, version.file_id)
  const variables = await readVariables(db, context.encryption, versionId)
  const isAuthorOwner = await isAuthoredByOwner(db, versionId)
  return {
    evaluate: async (values, { owner, ownsDeployment, workspace = placeholderWorkspace }) => {
      const task: FormTask = {
        kind: 'form',
        dir: files.dir,
        fileHash: files.hash,
        variables,
        mayAccessHost: ownsDeployment,
        mayReadOutsideModule: ownsDeployment && isAuthorOwner,
        coder: {
          accessUrl: context.accessUrl,
          workspace,
          buildId: '',
          owner,
          template: { id: version.template_id ?? '', name: version.template_name ?? '', version: version.name },
          parameters: values,
        },
      }
      return await evaluateForm(context, task)
    },
  }
}

/** Placeholder for templates that use the workspace name before the workspace exists. */
export const placeholderWorkspace = { id: zeroUuid, name: 'default' }

/** Runs an engine task without log output. */
export const evaluateForm = async ({ engine }: FormContext, task: FormTask): Promise<FormOutcome> =>
  await engine.run(task, noObserver)

const noObserver = {
  signal: new AbortController().signal,
  onLog: () => undefined,
  onTiming: () => undefined,
  onState: () => undefined,
}
