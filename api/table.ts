// Every endpoint of the contract, for whoever needs them all: the route-walk test and the generated reference. A noun
// gets a line here; its endpoints follow by being exported.

import type { TSchema } from 'typebox'
import * as agentMeasurements from './agent-measurements.ts'
import * as agents from './agents.ts'
import * as aiBridge from './ai-bridge.ts'
import * as appearance from './appearance.ts'
import * as audit from './audit.ts'
import * as authorization from './authorization.ts'
import * as binaries from './binaries.ts'
import * as builds from './builds.ts'
import * as common from './common.ts'
import * as connectionLog from './connection-log.ts'
import * as deployment from './deployment.ts'
import type { Endpoint } from './endpoint.ts'
import * as entitlements from './entitlements.ts'
import * as externalAgents from './external-agents.ts'
import * as externalAuth from './external-auth.ts'
import * as favorites from './favorites.ts'
import * as files from './files.ts'
import * as groups from './groups.ts'
import * as health from './health.ts'
import * as insights from './insights.ts'
import * as jobs from './jobs.ts'
import * as keys from './keys.ts'
import * as local from './local.ts'
import * as members from './members.ts'
import * as notifications from './notifications.ts'
import * as oauth2Apps from './oauth2-apps.ts'
import * as organizationSettings from './organization-settings.ts'
import * as organizations from './organizations.ts'
import * as passwords from './passwords.ts'
import * as portShares from './port-shares.ts'
import * as provisionerDaemons from './provisioner-daemons.ts'
import * as provisionerKeys from './provisioner-keys.ts'
import * as reference from './reference.ts'
import * as regions from './regions.ts'
import * as roles from './roles.ts'
import * as signIn from './sign-in.ts'
import * as signedTokens from './signed-tokens.ts'
import * as tasks from './tasks.ts'
import * as templateVersions from './template-versions.ts'
import * as templates from './templates.ts'
import * as terminals from './terminals.ts'
import * as userSettings from './user-settings.ts'
import * as users from './users.ts'
import * as workspaceQuotas from './workspace-quotas.ts'
import * as workspaceSchedules from './workspace-schedules.ts'
import * as workspaceSharing from './workspace-sharing.ts'
import * as workspaces from './workspaces.ts'

const named = new Map<string, TSchema>()

/** By the name of the file in `api/`. */
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
  keys: endpointsIn(keys),
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
  'user-settings': endpointsIn(userSettings),
  users: endpointsIn(users),
  'workspace-quotas': endpointsIn(workspaceQuotas),
  'workspace-schedules': endpointsIn(workspaceSchedules),
  'workspace-sharing': endpointsIn(workspaceSharing),
  workspaces: endpointsIn(workspaces),
}

export const endpoints: readonly Endpoint[] = Object.values(endpointsByNoun).flat()

/** The schemas that the files of `api/` export, by their names there. */
export const schemasByName: ReadonlyMap<string, TSchema> = named

for (const file of [common, jobs]) noteSchemas(file)

function endpointsIn(noun: Readonly<Record<string, unknown>>): Endpoint[] {
  noteSchemas(noun)
  return Object.values(noun).filter(isEndpoint)
}

function noteSchemas(file: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(file)) if (isSchema(value)) named.set(name, value)
}

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'access' in value
}

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null && ('type' in value || 'anyOf' in value) && !isEndpoint(value)
}
