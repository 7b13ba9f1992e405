// Information about the deployment: versions, settings, statistics.

import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { zeroUuid } from '../../../api/common.ts'
import {
  checkForUpdate,
  checkLatency,
  getApiRoot,
  getAppHost,
  getBuildInfo,
  getDeploymentConfig,
  getDeploymentStats,
  getHealthz,
  getInitScript,
  getPrebuildsSettings,
  getSshConfig,
  listAvailableExperiments,
  listExperiments,
  reportPolicyViolation,
  updatePrebuildsSettings,
} from '../../../api/deployment/deployment.ts'
import { ApiError } from '../../../api/errors.ts'
import { coderVersion, version } from '../../../lib/version.ts'
import { audit } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import { readDeploymentId } from '../../deployment/deployment-id.ts'
import { deploymentOptions } from '../../deployment/deployment-options.ts'
import { createDeploymentStats } from '../../deployment/deployment-stats.ts'
import { deploymentValues } from '../../deployment/deployment-values.ts'
import { replySent, serve, withStatus } from '../../http/serve.ts'
import { authorize } from '../../policy/policy.ts'
import { agentInitScript } from '../../provisioner/init-script.ts'
import { readSiteConfig, writeSiteConfig } from '../../site-configs.ts'

export function registerDeploymentRoutes(app: FastifyInstance, context: ServerContext): void {
  const { config, db } = context
  const readStats = createDeploymentStats(context)

  serve(app, getApiRoot, async () => ({ message: 'Coder Local' }))

  serve(app, getBuildInfo, async () => ({
    external_url: '',
    version: coderVersion,
    dashboard_url: context.accessUrl,
    telemetry: false,
    workspace_proxy: false,
    agent_api_version: '2.0',
    provisioner_api_version: '1.0',
    upgrade_message: '',
    deployment_id: await readDeploymentId(db),
    coder_local_version: version,
  }))

  serve(app, getHealthz, async ({ reply }) => {
    reply.type('text/plain; charset=utf-8').send('OK')
    return replySent
  })

  serve(app, checkLatency, async ({ reply }) => {
    // Allows pages of other origins to read the timing.
    reply.header('timing-allow-origin', '*').type('text/plain; charset=utf-8').send('OK')
    return replySent
  })

  serve(app, listExperiments, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    return []
  })

  serve(app, listAvailableExperiments, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    return { safe: [] }
  })

  serve(app, getAppHost, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    return { host: config.wildcardAccessUrl }
  })

  serve(app, getDeploymentConfig, async (request) => {
    authorize(request, 'read', { resource: 'deployment_config' })
    return { config: deploymentValues(config, context.accessUrl), options: deploymentOptions(config) }
  })

  serve(app, getDeploymentStats, async (request) => {
    authorize(request, 'read', { resource: 'deployment_stats' })
    return readStats()
  })

  serve(app, getSshConfig, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    return {
      hostname_prefix: config.sshHostnamePrefix,
      hostname_suffix: config.workspaceHostnameSuffix,
      ssh_config_options: { ...config.sshConfigOptions },
    }
  })

  serve(app, checkForUpdate, async () => ({ current: true, version: coderVersion, url: '' }))

  const readPrebuilds = () => readSiteConfig(db, 'prebuilds_settings', { reconciliation_paused: false })

  serve(app, getPrebuildsSettings, async (request) => {
    authorize(request, 'read', { resource: 'deployment_config' })
    return readPrebuilds()
  })

  serve(app, updatePrebuildsSettings, async (request) => {
    authorize(request, 'update', { resource: 'deployment_config' })
    const before = await readPrebuilds()
    const after = request.body
    if (before.reconciliation_paused === after.reconciliation_paused) return withStatus(304, null)
    await db.transaction().execute(async (tx) => {
      await writeSiteConfig(tx, 'prebuilds_settings', after)
      await audit(tx, request, {
        action: 'write',
        resource: 'prebuilds_settings',
        id: zeroUuid,
        target: '',
        before,
        after,
      })
    })
    return withStatus(200, after)
  })

  serve(app, reportPolicyViolation, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    request.log.warn({ report: request.body['csp-report'] }, 'content security policy blocked a resource')
    return { message: 'The report was logged.' }
  })

  serve(app, getInitScript, async ({ params: { os, arch }, reply }) => {
    if (!Object.hasOwn(architectures, os) || !architectures[os]?.includes(arch)) {
      throw new ApiError(400, `No agent is available for ${JSON.stringify(os)} on ${JSON.stringify(arch)}.`, {
        detail: `There is one for ${Object.entries(architectures)
          .map(([name, list]) => `${name} (${list?.join(', ')})`)
          .join(', ')}.`,
      })
    }
    const script = agentInitScript(context.accessUrl, os, arch)
    const digest = createHash('sha256').update(script).digest('base64')
    reply.header('content-digest', `sha-256=:${digest}:`).type('text/plain; charset=utf-8').send(script)
    return replySent
  })
}

/** Supported platforms of templates, in Go's terms. */
const architectures: Readonly<Partial<Record<string, readonly string[]>>> = {
  linux: ['amd64', 'arm64', 'armv7'],
  darwin: ['amd64', 'arm64'],
  windows: ['amd64', 'arm64'],
}
