// What a template version asks for, given answers: reads what the engine needs to know once and then asks it as often as
// answers change. Shows nothing and decides nothing; see settle-parameters.ts and routes/dynamic-parameters.ts.

import { zeroUuid } from '../../api/common.ts'
import type { BaseContext } from '../base-context.ts'
import type { Db } from '../database/connect.ts'
import type { Engine, FormOutcome, FormTask } from '../jobs/engine.ts'
import type { LoadedOwner } from './load-owner.ts'
import { readVariables } from './read-variables.ts'
import { openTemplateFiles } from './template-files.ts'

export interface FormContext extends Pick<BaseContext, 'db' | 'config' | 'accessUrl'> {
  readonly engine: Engine
}

export interface TemplateForm {
  /** Evaluates the template with these answers, of this person. */
  evaluate(answers: Readonly<Record<string, string>>, formOwner: FormOwner): Promise<FormOutcome>
}

export interface FormOwner extends LoadedOwner {
  /** The workspace that the form is for, where it exists or has a name already. */
  readonly workspace?: { readonly id: string; readonly name: string } | undefined
}

/** @param db where the version is read, be it the transaction of a build. */
export async function openForm(context: FormContext, db: Db, versionId: string): Promise<TemplateForm> {
  const version = await db
    .selectFrom('template_versions as version')
    .innerJoin('provisioner_jobs as job', 'job.id', 'version.job_id')
    .leftJoin('templates as template', 'template.id', 'version.template_id')
    .where('version.id', '=', versionId)
    .select(['version.name', 'job.file_id', 'template.id as template_id', 'template.name as template_name'])
    .executeTakeFirstOrThrow()
  const files = await openTemplateFiles(db, context.config.dataDir, version.file_id)
  const variables = await readVariables(db, versionId)
  return {
    evaluate: async (answers, { owner, ownsDeployment, workspace = unnamed }) => {
      const task: FormTask = {
        kind: 'form',
        dir: files.dir,
        fileHash: files.hash,
        variables,
        mayExecuteHere: ownsDeployment,
        coder: {
          accessUrl: context.accessUrl,
          workspace,
          buildId: '',
          owner,
          template: { id: version.template_id ?? '', name: version.template_name ?? '', version: version.name },
          parameters: answers,
        },
      }
      return await askEngine(context, task)
    },
  }
}

/** There is no workspace yet; a template may still compute with its names. */
export const unnamed = { id: zeroUuid, name: 'default' }

/** Nothing is told while a form is evaluated. */
export const askEngine = async ({ engine }: FormContext, task: FormTask): Promise<FormOutcome> =>
  await engine.run(task, unwatched)

const unwatched = {
  signal: new AbortController().signal,
  onLog: () => undefined,
  onTiming: () => undefined,
  onState: () => undefined,
}
