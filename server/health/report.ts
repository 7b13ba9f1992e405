// The health report: runs all checks concurrently and caches the result for ten minutes.

import type { HealthReport, HealthSection } from '../../api/deployment/health.ts'
import { coderVersion } from '../../lib/version.ts'
import { primaryProxy } from '../agents/primary-region.ts'
import type { ServerContext } from '../context.ts'
import { readDeploymentId } from '../deployment/deployment-id.ts'
import { messageWithCause } from '../error-message.ts'
import { readSiteConfig } from '../site-configs.ts'
import { checkAccessUrl } from './check-access-url.ts'
import { checkAgents } from './check-agents.ts'
import { checkDatabase } from './check-database.ts'
import { checkProvisioners } from './check-provisioners.ts'
import { checkWebsocket } from './check-websocket.ts'
import { failure, noProblems, worst } from './section.ts'

export interface HealthReports {
  /** @param key of the caller, for checks that need one. @param isFresh ignores the cache. */
  read(key: string, isFresh: boolean): Promise<HealthReport>
}

export function createHealthReports(context: ServerContext): HealthReports {
  const { clock, config } = context
  let last: { readonly at: number; readonly report: Promise<HealthReport> } | null = null
  return {
    async read(key, isFresh) {
      const now = clock.now().getTime()
      const isStale = last === null || now - last.at >= config.healthCheckRefresh || now < last.at
      if (last === null || isStale || isFresh) {
        const report = makeReport(context, key)
        last = { at: now, report }
        report.catch(() => {
          if (last?.report === report) last = null
        })
      }
      return withDismissals(await last.report, await dismissedSections(context))
    },
  }
}

async function makeReport(context: ServerContext, key: string): Promise<HealthReport> {
  const [database, accessUrl, websocket, provisioners, agents, proxy] = await Promise.all([
    checkDatabase(context),
    checkAccessUrl(context),
    checkWebsocket(context, key),
    withoutDatabase(checkProvisioners(context), (finding) => ({ ...finding, items: [] })),
    withoutDatabase(checkAgents(context), (finding) => ({ ...finding, healthy: false, connected: 0, missing: [] })),
    primaryProxyOf(context),
  ])
  const notDismissed = { dismissed: false }
  return {
    time: context.clock.now().toISOString(),
    healthy: true,
    severity: 'ok',
    coder_version: coderVersion,
    access_url: { ...accessUrl, ...notDismissed },
    websocket: { ...websocket, ...notDismissed },
    database: { ...database, ...notDismissed },
    workspace_proxy: { ...noProblems, ...notDismissed, healthy: true, workspace_proxies: { regions: proxy } },
    derp: { ...noProblems, ...notDismissed, healthy: true, regions: {}, netcheck: null, netcheck_logs: [] },
    provisioner_daemons: { ...provisioners, ...notDismissed },
    agents: { ...agents, ...notDismissed },
  }
}

/** A check that fails to run reports the error in its section. */
async function withoutDatabase<T>(
  check: Promise<T>,
  otherwise: (finding: ReturnType<typeof failure>) => T,
): Promise<T> {
  return check.catch((error: unknown) =>
    otherwise(failure('EUNKNOWN', `The check failed: ${messageWithCause(error)}.`)),
  )
}

const primaryProxyOf = (context: ServerContext) =>
  readDeploymentId(context.db).then(
    (id) => [primaryProxy(context, id, context.clock.now())],
    () => [],
  )

async function dismissedSections({ db }: ServerContext): Promise<ReadonlySet<string>> {
  const settings = await readSiteConfig(db, 'health_settings', { dismissed_healthchecks: [] }).catch(() => null)
  return new Set(settings?.dismissed_healthchecks)
}

const sections = {
  access_url: 'AccessURL',
  websocket: 'Websocket',
  database: 'Database',
  workspace_proxy: 'WorkspaceProxy',
  derp: 'DERP',
  provisioner_daemons: 'ProvisionerDaemons',
} as const satisfies Partial<Record<keyof HealthReport, HealthSection>>

/** Dismissed sections do not affect the overall status. */
function withDismissals(report: HealthReport, dismissed: ReadonlySet<string>): HealthReport {
  const dismissible = Object.entries(sections).map(([key, name]) => ({
    key: key as keyof typeof sections,
    isDismissed: dismissed.has(name),
  }))
  const severity = worst([
    report.agents.severity,
    ...dismissible.filter(({ isDismissed }) => !isDismissed).map(({ key }) => report[key].severity),
  ])
  const marked = Object.fromEntries(
    dismissible.map(({ key, isDismissed }) => [key, { ...report[key], dismissed: isDismissed }]),
  )
  return { ...report, ...marked, severity, healthy: severity !== 'error' }
}
