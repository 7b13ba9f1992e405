// The table of all endpoints, for the route tests and the generated reference. A new file of the contract is added here;
// its endpoints are found through its exports.

import type { TSchema } from 'typebox'
import * as apiKeys from './account/api-keys.ts'
import * as authorization from './account/authorization.ts'
import * as externalAuth from './account/external-auth.ts'
import * as notifications from './account/notifications.ts'
import * as passwords from './account/passwords.ts'
import * as signIn from './account/sign-in.ts'
import * as userSettings from './account/user-settings.ts'
import * as users from './account/users.ts'
import * as agentMeasurements from './agents/agent-measurements.ts'
import * as agents from './agents/agents.ts'
import * as externalAgents from './agents/external-agents.ts'
import * as signedTokens from './agents/signed-tokens.ts'
import * as terminals from './agents/terminals.ts'
import * as tunnels from './agents/tunnels.ts'
import * as common from './common.ts'
import * as aiBridge from './deployment/ai-bridge.ts'
import * as appearance from './deployment/appearance.ts'
import * as audit from './deployment/audit.ts'
import * as binaries from './deployment/binaries.ts'
import * as connectionLog from './deployment/connection-log.ts'
import * as deployment from './deployment/deployment.ts'
import * as entitlements from './deployment/entitlements.ts'
import * as health from './deployment/health.ts'
import * as insights from './deployment/insights.ts'
import * as oauth2Apps from './deployment/oauth2-apps.ts'
import * as reference from './deployment/reference.ts'
import * as regions from './deployment/regions.ts'
import type { Endpoint } from './endpoint.ts'
import * as local from './local.ts'
import * as groups from './organizations/groups.ts'
import * as members from './organizations/members.ts'
import * as organizationSettings from './organizations/organization-settings.ts'
import * as organizations from './organizations/organizations.ts'
import * as provisionerDaemons from './organizations/provisioner-daemons.ts'
import * as jobs from './organizations/provisioner-jobs.ts'
import * as provisionerKeys from './organizations/provisioner-keys.ts'
import * as roles from './organizations/roles.ts'
import * as tasks from './tasks/tasks.ts'
import * as files from './templates/files.ts'
import * as templateVersions from './templates/template-versions.ts'
import * as templates from './templates/templates.ts'
import * as userFields from './user-fields.ts'
import * as builds from './workspaces/builds.ts'
import * as favorites from './workspaces/favorites.ts'
import * as portShares from './workspaces/port-shares.ts'
import * as workspaceQuotas from './workspaces/workspace-quotas.ts'
import * as workspaceSchedules from './workspaces/workspace-schedules.ts'
import * as workspaceSharing from './workspaces/workspace-sharing.ts'
import * as workspaces from './workspaces/workspaces.ts'

const schemas = new Map<string, TSchema>()

/** By file name in `api/`. */
export const endpointsByNoun: Readonly<Record<string, readonly Endpoint[]>> = {
  'agent-measurements': endpointsIn(agentMeasurements),
  agents: endpointsIn(agents),
  'ai-bridge': endpointsIn(aiBridge),
  appearance: endpointsIn(appearance),
  audit: endpointsIn(audit),
  authorization: endpointsIn(authorization),
  binaries: endpointsIn(binaries),
  builds: endpointsIn(builds),
  'connection-log': endpointsIn(connectionLog),
  deployment: endpointsIn(deployment),
  'external-agents': endpointsIn(externalAgents),
  favorites: endpointsIn(favorites),
  'external-auth': endpointsIn(externalAuth),
  entitlements: endpointsIn(entitlements),
  health: endpointsIn(health),
  regions: endpointsIn(regions),
  files: endpointsIn(files),
  insights: endpointsIn(insights),
  groups: endpointsIn(groups),
  'api-keys': endpointsIn(apiKeys),
  local: endpointsIn(local),
  notifications: endpointsIn(notifications),
  members: endpointsIn(members),
  'oauth2-apps': endpointsIn(oauth2Apps),
  'organization-settings': endpointsIn(organizationSettings),
  organizations: endpointsIn(organizations),
  'port-shares': endpointsIn(portShares),
  passwords: endpointsIn(passwords),
  'provisioner-daemons': endpointsIn(provisionerDaemons),
  reference: endpointsIn(reference),
  'signed-tokens': endpointsIn(signedTokens),
  'provisioner-keys': endpointsIn(provisionerKeys),
  roles: endpointsIn(roles),
  'sign-in': endpointsIn(signIn),
  tasks: endpointsIn(tasks),
  'template-versions': endpointsIn(templateVersions),
  templates: endpointsIn(templates),
  terminals: endpointsIn(terminals),
  tunnels: endpointsIn(tunnels),
  'user-settings': endpointsIn(userSettings),
  users: endpointsIn(users),
  'workspace-quotas': endpointsIn(workspaceQuotas),
  'workspace-schedules': endpointsIn(workspaceSchedules),
  'workspace-sharing': endpointsIn(workspaceSharing),
  workspaces: endpointsIn(workspaces),
}

export const endpoints: readonly Endpoint[] = Object.values(endpointsByNoun).flat()

/** The schemas exported by the files of `api/`, by name. */
export const schemasByName: ReadonlyMap<string, TSchema> = schemas

for (const file of [common, jobs, userFields]) collectSchemas(file)

function endpointsIn(noun: Readonly<Record<string, unknown>>): Endpoint[] {
  collectSchemas(noun)
  return Object.values(noun).filter(isEndpoint)
}

function collectSchemas(file: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(file)) if (isSchema(value)) schemas.set(name, value)
}

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'access' in value
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null && ('type' in value || 'anyOf' in value) && !isEndpoint(value)
}
