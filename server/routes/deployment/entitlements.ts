// Entitlements: every feature is included.

import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import {
  getEntitlements,
  listLicenses,
  listReplicas,
  refreshEntitlements,
} from '../../../api/deployment/entitlements.ts'
import type { ServerContext } from '../../context.ts'
import { measurePing } from '../../health/check-database.ts'
import { serve } from '../../http/serve.ts'
import { authorize } from '../../policy/policy.ts'

/** Coder's feature names. All are enabled except for one, which is a restriction. Where the implementation is incomplete,
 *  the endpoints of the feature answer with the reason (official-routes.ts). */
const features = {
  user_limit: true,
  audit_log: true,
  connection_log: true,
  // Hides the buttons that open a workspace outside the browser.
  browser_only: false,
  scim: true,
  template_rbac: true,
  user_role_management: true,
  high_availability: true,
  multiple_external_auth: true,
  external_provisioner_daemons: true,
  appearance: true,
  advanced_template_scheduling: true,
  workspace_proxy: true,
  external_token_encryption: true,
  workspace_batch_actions: true,
  task_batch_actions: true,
  access_control: true,
  control_shared_ports: true,
  custom_roles: true,
  multiple_organizations: true,
  workspace_prebuilds: true,
  managed_agent_limit: true,
  workspace_external_agent: true,
  aibridge: true,
  boundary: true,
  ai_governance_user_limit: true,
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

  serve(app, refreshEntitlements, async (request) => {
    authorize(request, 'create', { resource: 'license' })
    return { message: 'All features are included. Nothing changed.' }
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
