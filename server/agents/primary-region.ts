// The only workspace proxy region: the deployment itself, for clients that select a region.

import type { Region, WorkspaceProxy } from '../../api/deployment/regions.ts'
import { coderVersion } from '../../lib/version.ts'
import type { BaseContext } from '../base-context.ts'

export const primaryRegionName = 'This deployment'

export function primaryRegion({ accessUrl, config }: BaseContext, deploymentId: string): Region {
  return {
    id: deploymentId,
    name: 'primary',
    display_name: primaryRegionName,
    icon_url: '/emojis/1f3e1.png',
    healthy: true,
    path_app_url: accessUrl,
    wildcard_hostname: config.wildcardAccessUrl,
  }
}

export function primaryProxy(context: BaseContext, deploymentId: string, now: Date): WorkspaceProxy {
  return {
    ...primaryRegion(context, deploymentId),
    derp_enabled: false,
    derp_only: false,
    status: { status: 'ok', report: { errors: [], warnings: [] }, checked_at: now.toISOString() },
    created_at: now.toISOString(),
    updated_at: now.toISOString(),
    deleted: false,
    version: coderVersion,
  }
}
