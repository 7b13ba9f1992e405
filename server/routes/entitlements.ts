// What the deployment may do (everything) and does.

import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { getEntitlements, listLicenses, listReplicas } from '../../api/entitlements.ts'
import type { ServerContext } from '../context.ts'
import { measurePing } from '../health/check-database.ts'
import { authorize } from '../policy.ts'
import { serve } from '../serve.ts'

/** Coder's names of features, and whether clients are to show them. What is off is either a restriction that nobody
 *  has asked for, or something that this deployment does not do; official-routes.ts says why. */
const features = {
  user_limit: true,
  audit_log: true,
  connection_log: true,
  // Takes the buttons away that open a workspace in anything but the browser.
  browser_only: false,
  scim: false,
  template_rbac: true,
  user_role_management: true,
  high_availability: false,
  multiple_external_auth: true,
  external_provisioner_daemons: false,
  appearance: true,
  advanced_template_scheduling: true,
  workspace_proxy: false,
  external_token_encryption: false,
  workspace_batch_actions: true,
  task_batch_actions: true,
  access_control: true,
  control_shared_ports: true,
  custom_roles: false,
  multiple_organizations: false,
  workspace_prebuilds: false,
  managed_agent_limit: true,
  workspace_external_agent: true,
  aibridge: false,
  boundary: false,
  ai_governance_user_limit: false,
} as const satisfies Readonly<Record<string, boolean>>

export function registerEntitlementRoutes(app: FastifyInstance, context: ServerContext): void {
  const startedAt = new Date().toISOString()

  serve(app, getEntitlements, async (request) => {
    authorize(request, 'read', { resource: 'deployment' })
    return {
      features: Object.fromEntries(
        Object.entries(features).map(([name, enabled]) => [name, { entitlement: 'entitled' as const, enabled }]),
      ),
      warnings: [],
      errors: [],
      has_license: true,
      trial: false,
      require_telemetry: false,
      refreshed_at: startedAt,
    }
  })

  serve(app, listLicenses, async (request) => {
    authorize(request, 'read', { resource: 'license' })
    return []
  })

  serve(app, listReplicas, async (request) => {
    authorize(request, 'read', { resource: 'replicas' })
    return [
      {
        id: context.boot,
        hostname: hostname(),
        created_at: startedAt,
        relay_address: '',
        region_id: 0,
        error: '',
        database_latency: Math.round(await measurePing(context.db)),
      },
    ]
  })
}
