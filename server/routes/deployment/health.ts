// Health of the deployment, for administrators. The checks are in server/health/.

import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { zeroUuid } from '../../../api/common.ts'
import {
  echoWebSocket,
  getHealth,
  getHealthSettings,
  getMetrics,
  type HealthReport,
  type HealthSettings,
  updateHealthSettings,
} from '../../../api/deployment/health.ts'
import { ApiError } from '../../../api/errors.ts'
import { audit } from '../../audit/audit.ts'
import type { ServerContext } from '../../context.ts'
import { createHealthReports } from '../../health/report.ts'
import { findToken } from '../../http/auth.ts'
import { replySent, serve, withStatus } from '../../http/serve.ts'
import { serveUpgrade } from '../../http/upgrades.ts'
import { authorize } from '../../policy/policy.ts'
import { readSiteConfig, writeSiteConfig } from '../../site-configs.ts'

const shownSections = ['derp', 'access_url', 'websocket', 'database'] as const

/** One line per section, for command-line users. */
function toText(report: HealthReport): string {
  const sections = shownSections.map((name) => `${name}: ${report[name].healthy}\n`)
  return `time: ${report.time}\nhealthy: ${report.healthy}\n${sections.join('')}`
}

export function registerHealthRoutes(app: FastifyInstance, context: ServerContext): void {
  const { db } = context
  const reports = createHealthReports(context)

  serve(app, getHealth, async (request) => {
    authorize(request, 'read', { resource: 'debug_info' })
    const key = findToken(request.raw.raw)?.value ?? ''
    const report = await reports.read(key, request.query.force === true)
    // Coder's server accepts one of these and documents the other.
    const isText = request.query.format === 'text' || request.query.format === 'simple'
    if (!isText) return report
    request.reply.type('text/plain; charset=utf-8').send(toText(report))
    return replySent
  })

  const readSettings = async () =>
    (await readSiteConfig(db, 'health_settings', { dismissed_healthchecks: [] })) as HealthSettings

  serve(app, getHealthSettings, async (request) => {
    authorize(request, 'read', { resource: 'debug_info' })
    return readSettings()
  })

  serve(app, updateHealthSettings, async (request) => {
    authorize(request, 'update', { resource: 'deployment_config' })
    const before = await readSettings()
    const after = { dismissed_healthchecks: [...new Set(request.body.dismissed_healthchecks ?? [])] }
    if (isDeepStrictEqual(before, after)) return withStatus(204, null)
    await db.transaction().execute(async (tx) => {
      await writeSiteConfig(tx, 'health_settings', after)
      await audit(tx, request, {
        action: 'write',
        resource: 'health_settings',
        id: zeroUuid,
        target: '',
        before,
        after,
      })
    })
    return withStatus(200, after)
  })

  serve(app, getMetrics, async (request) => {
    authorize(request, 'read', { resource: 'debug_info' })
    if (!context.metrics) {
      throw new ApiError(404, 'Metrics are disabled.', { detail: 'Set CODER_PROMETHEUS_ENABLE=true to enable them.' })
    }
    request.reply.type('text/plain; version=0.0.4; charset=utf-8').send(await context.metrics.read())
    return replySent
  })

  serveUpgrade(app, echoWebSocket, async (request) => {
    authorize(request, 'read', { resource: 'debug_info' })
    const socket = await request.upgrade.webSocket()
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
}
