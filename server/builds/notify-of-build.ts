// Notifications about completed builds. Workspace owners are notified of scheduled builds, template administrators of
// failures and new workspaces.

import type { Tx } from '../database/connect.ts'
import { notify, userIdsWithRole } from '../notifications/notify.ts'

/** @param jobId job of a build that was just completed */
export async function notifyOfBuild(tx: Tx, jobId: string): Promise<void> {
  const build = await readBuild(tx, jobId)
  if (!build) return
  if (build.job_status === 'failed') await notifyOfFailure(tx, build)
  else if (build.job_status === 'succeeded') await notifyOfSuccess(tx, build)
}

type Build = NonNullable<Awaited<ReturnType<typeof readBuild>>>

async function readBuild(tx: Tx, jobId: string) {
  return await tx
    .selectFrom('workspace_builds as build')
    .innerJoin('provisioner_jobs as job', 'job.id', 'build.job_id')
    .innerJoin('workspaces as workspace', 'workspace.id', 'build.workspace_id')
    .innerJoin('users as owner', 'owner.id', 'workspace.owner_id')
    .innerJoin('users as initiator', 'initiator.id', 'build.initiator_id')
    .innerJoin('templates as template', 'template.id', 'workspace.template_id')
    .innerJoin('template_versions as version', 'version.id', 'build.template_version_id')
    .innerJoin('organizations as organization', 'organization.id', 'workspace.organization_id')
    .leftJoin('workspace_builds as previous', (join) =>
      join
        .onRef('previous.workspace_id', '=', 'workspace.id')
        .on((eb) => eb('previous.build_number', '=', eb(eb.ref('build.build_number'), '-', 1))),
    )
    .where('build.job_id', '=', jobId)
    .select([
      'build.id as build_id',
      'build.build_number',
      'build.transition',
      'build.reason',
      'build.initiator_id',
      'build.template_version_id',
      'previous.template_version_id as previous_version_id',
      'job.job_status',
      'workspace.id as workspace_id',
      'workspace.name as workspace_name',
      'workspace.organization_id',
      'organization.name as organization_name',
      'owner.id as owner_id',
      'owner.username as owner_name',
      'owner.name as owner_full_name',
      'owner.email as owner_email',
      'initiator.username as initiator_name',
      'template.id as template_id',
      'template.name as template_name',
      'version.name as version_name',
      'version.message as version_message',
    ])
    .executeTakeFirst()
}

const scheduledReasons: ReadonlySet<string> = new Set(['autostart', 'autostop', 'dormancy', 'failedstop', 'autodelete'])

const toTargets = (build: Build) => [build.workspace_id, build.owner_id, build.template_id, build.organization_id]

async function notifyOfFailure(tx: Tx, build: Build): Promise<void> {
  const common = { targets: toTargets(build), createdBy: 'provisioner' }
  if (scheduledReasons.has(build.reason)) {
    await notify(tx, {
      ...common,
      template: 'workspaceAutobuildFailed',
      to: build.owner_id,
      labels: { name: build.workspace_name, reason: build.reason },
      data: { build_number: build.build_number },
    })
    return
  }
  await notify(tx, {
    ...common,
    template: 'workspaceManualBuildFailed',
    to: await findOtherTemplateAdmins(tx, build),
    labels: {
      name: build.workspace_name,
      workspace_build_number: String(build.build_number),
      workspace_owner_username: build.owner_name,
      template_version_name: build.version_name,
      template_name: build.template_name,
      initiator: build.initiator_name,
    },
  })
}

async function notifyOfSuccess(tx: Tx, build: Build): Promise<void> {
  const common = { targets: toTargets(build), createdBy: 'provisioner' }
  if (build.transition === 'delete') {
    if (build.initiator_id === build.owner_id && build.reason !== 'autodelete') return
    await notify(tx, {
      ...common,
      template: 'workspaceDeleted',
      to: build.owner_id,
      labels: {
        name: build.workspace_name,
        initiator: build.reason === 'autodelete' ? 'its schedule' : build.initiator_name,
        reason: build.reason === 'autodelete' ? 'it was dormant for too long' : 'requested by a user',
      },
    })
    return
  }
  if (build.transition !== 'start') return
  if (build.build_number === 1) {
    await notify(tx, {
      ...common,
      template: 'workspaceCreated',
      to: await findOtherTemplateAdmins(tx, build),
      data: await loadWebhookData(tx, build),
      labels: {
        workspace: build.workspace_name,
        workspace_owner_username: build.owner_name,
        template: build.template_name,
        version: build.version_name,
      },
    })
  } else if (build.reason === 'autostart' && build.previous_version_id !== build.template_version_id) {
    await notify(tx, {
      ...common,
      template: 'workspaceAutoUpdated',
      to: build.owner_id,
      labels: {
        name: build.workspace_name,
        template_version_name: build.version_name,
        template_version_message: build.version_message,
      },
    })
  } else if (!scheduledReasons.has(build.reason) && build.previous_version_id !== build.template_version_id) {
    await notify(tx, {
      ...common,
      template: 'workspaceManuallyUpdated',
      to: await findOtherTemplateAdmins(tx, build),
      data: await loadWebhookData(tx, build),
      labels: {
        organization: build.organization_name,
        initiator: build.initiator_name,
        workspace: build.workspace_name,
        workspace_owner_username: build.owner_name,
        template: build.template_name,
        version: build.version_name,
      },
    })
  }
}

/** Data for webhooks: workspace, template, owner and parameter values. */
async function loadWebhookData(tx: Tx, build: Build) {
  const parameters = await tx
    .selectFrom('workspace_build_parameters')
    .where('workspace_build_id', '=', build.build_id)
    .orderBy('name')
    .select(['name', 'value'])
    .execute()
  return {
    workspace: { id: build.workspace_id, name: build.workspace_name },
    template: { id: build.template_id, name: build.template_name },
    template_version: { id: build.template_version_id, name: build.version_name },
    owner: { id: build.owner_id, name: build.owner_full_name, email: build.owner_email },
    parameters,
  }
}

/** Template administrators except the initiator. */
async function findOtherTemplateAdmins(tx: Tx, build: Build): Promise<string[]> {
  const ids = await userIdsWithRole(tx, ['owner', 'template-admin'])
  return ids.filter((id) => id !== build.initiator_id)
}
