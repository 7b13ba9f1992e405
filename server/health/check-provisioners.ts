// Health check: provisioner daemons are available.

import type { HealthMessage, ProvisionersHealth } from '../../api/deployment/health.ts'
import type { ProvisionerDaemon } from '../../api/organizations/provisioner-daemons.ts'
import { coderVersion } from '../../lib/version.ts'
import type { ServerContext } from '../context.ts'
import { loadDaemons } from '../jobs/load-daemons.ts'
import { combineFindings, failure, worst } from './section.ts'

type Report = Omit<ProvisionersHealth, 'dismissed'>

export async function checkProvisioners({ db }: ServerContext): Promise<Report> {
  const daemons = (await loadDaemons(db)).filter(({ status }) => status !== 'offline')
  const items = daemons.map((daemon) => ({ provisioner_daemon: daemon, warnings: warningsOf(daemon) }))
  const warnings = items.flatMap(({ warnings }) => warnings)
  const absent = failure('EPD01', 'No provisioner daemon is available. Set CODER_PROVISIONER_DAEMONS to more than 0.')
  return {
    ...combineFindings(daemons.length === 0 ? [absent] : []),
    ...(warnings.length > 0 ? { severity: worst(['warning']), warnings } : {}),
    items,
  }
}

function warningsOf({ version }: ProvisionerDaemon): HealthMessage[] {
  const [ours, theirs] = [coderVersion, version].map((text) => text.replace(/^v/, '').split('.').slice(0, 2).join('.'))
  if (ours === theirs) return []
  return [
    {
      code: 'EPD02',
      message: `The daemon has version ${version}, but the server has version ${coderVersion}. Restart the daemon with the version of the server.`,
    },
  ]
}
