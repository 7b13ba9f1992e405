// Routes of Coder that are rejected or always answered with an empty result, each with the reason. All other routes of
// Coder are declared in api/table.ts; official-routes.test.ts checks that the two are complete and generates docs/official-routes.md.

export interface UnsupportedRoutes {
  /** One sentence, shown to the client. */
  readonly reason: string
  /** `GET /api/v2/…`, as in Coder's API description. */
  readonly routes: readonly string[]
}

export const unsupportedRoutes: readonly UnsupportedRoutes[] = [
  {
    reason:
      'Clients reach agents over the connection that the agent dials; there is no WireGuard network and no relay.',
    routes: [
      'GET /api/v2/debug/coordinator',
      'GET /api/v2/debug/derp/traffic',
      'GET /api/v2/debug/tailnet',
      'GET /api/v2/derp-map',
      'GET /api/v2/tailnet',
      'GET /api/v2/workspaceagents/{workspaceagent}/coordinate',
    ],
  },
  {
    reason: 'The deployment has one region: it has no workspace proxies and no replicas.',
    routes: [
      'POST /api/v2/workspaceproxies',
      'POST /api/v2/workspaceproxies/me/app-stats',
      'GET /api/v2/workspaceproxies/me/coordinate',
      'GET /api/v2/workspaceproxies/me/crypto-keys',
      'POST /api/v2/workspaceproxies/me/deregister',
      'POST /api/v2/workspaceproxies/me/issue-signed-app-token',
      'POST /api/v2/workspaceproxies/me/register',
      'GET /api/v2/workspaceproxies/{workspaceproxy}',
      'DELETE /api/v2/workspaceproxies/{workspaceproxy}',
      'PATCH /api/v2/workspaceproxies/{workspaceproxy}',
    ],
  },
  {
    reason: 'This deployment does not proxy workspace applications or ports.',
    routes: ['GET /api/v2/applications/auth-redirect'],
  },
  {
    reason: 'Everything is included; there are no licenses to add or remove.',
    routes: ['POST /api/v2/licenses', 'DELETE /api/v2/licenses/{id}'],
  },
  {
    reason:
      'Users are managed locally and sign in with a password or from this computer, not through an identity provider.',
    routes: [
      'GET /api/v2/debug/{user}/debug-link',
      'GET /scim/v2/ServiceProviderConfig',
      'GET /scim/v2/Users',
      'POST /scim/v2/Users',
      'GET /scim/v2/Users/{id}',
      'PUT /scim/v2/Users/{id}',
      'PATCH /scim/v2/Users/{id}',
      'GET /api/v2/users/oauth2/github/callback',
      'GET /api/v2/users/oauth2/github/device',
      'GET /api/v2/users/oidc/callback',
    ],
  },
  {
    reason: 'The deployment is not an OAuth2 provider for other applications.',
    routes: [
      'GET /.well-known/oauth-authorization-server',
      'POST /api/v2/oauth2-provider/apps',
      'GET /api/v2/oauth2-provider/apps/{app}',
      'PUT /api/v2/oauth2-provider/apps/{app}',
      'DELETE /api/v2/oauth2-provider/apps/{app}',
      'GET /api/v2/oauth2-provider/apps/{app}/secrets',
      'POST /api/v2/oauth2-provider/apps/{app}/secrets',
      'DELETE /api/v2/oauth2-provider/apps/{app}/secrets/{secretID}',
      'GET /oauth2/authorize',
      'POST /oauth2/authorize',
      'GET /oauth2/clients/{client_id}',
      'PUT /oauth2/clients/{client_id}',
      'DELETE /oauth2/clients/{client_id}',
      'POST /oauth2/register',
      'POST /oauth2/revoke',
      'POST /oauth2/tokens',
      'DELETE /oauth2/tokens',
    ],
  },
  {
    reason: 'Agents authenticate with their token; cloud instance identity is not supported.',
    routes: [
      'POST /api/v2/workspaceagents/aws-instance-identity',
      'POST /api/v2/workspaceagents/azure-instance-identity',
      'POST /api/v2/workspaceagents/google-instance-identity',
    ],
  },
  {
    reason: 'Provisioners run inside coderd; external provisioners are not supported.',
    routes: ['GET /api/v2/organizations/{organization}/provisionerdaemons/serve'],
  },
  {
    reason: 'The process is inspected with Node.js tools, not over the network.',
    routes: [
      'GET /api/v2/debug/expvar',
      'GET /api/v2/debug/pprof',
      'GET /api/v2/debug/pprof/cmdline',
      'GET /api/v2/debug/pprof/profile',
      'GET /api/v2/debug/pprof/symbol',
      'GET /api/v2/debug/pprof/trace',
    ],
  },
  {
    reason: 'Notifications are pushed to open pages only; no push service is used.',
    routes: [
      'POST /api/v2/users/{user}/webpush/subscription',
      'DELETE /api/v2/users/{user}/webpush/subscription',
      'POST /api/v2/users/{user}/webpush/test',
    ],
  },
]

export interface Restriction extends UnsupportedRoutes {
  /** Whether the endpoint, although declared, always answers with an empty result or always rejects the request. */
  readonly answer: 'empty' | 'refusal'
}

/** Declared endpoints without functionality, so that clients receive a well-formed response. */
export const restrictions: readonly Restriction[] = [
  {
    answer: 'empty',
    reason: 'Requests to language models do not pass through the deployment.',
    routes: ['GET /api/v2/aibridge/interceptions'],
  },
  {
    answer: 'empty',
    reason: 'External accounts are not supported.',
    routes: ['GET /api/v2/external-auth'],
  },
  {
    answer: 'refusal',
    reason: 'External accounts are not supported.',
    routes: [
      'GET /api/v2/external-auth/{externalauth}',
      'DELETE /api/v2/external-auth/{externalauth}',
      'GET /api/v2/external-auth/{externalauth}/device',
      'POST /api/v2/external-auth/{externalauth}/device',
    ],
  },
  {
    answer: 'empty',
    reason: 'Everything is included without a license.',
    routes: ['GET /api/v2/licenses', 'POST /api/v2/licenses/refresh-entitlements'],
  },
  {
    answer: 'empty',
    reason: 'Workspaces are built on request; there are no prebuilt workspaces.',
    routes: ['POST /api/v2/templates/{template}/prebuilds/invalidate'],
  },
  {
    answer: 'empty',
    reason: 'Older clients request legacy parameters; Coder also answers with an empty list.',
    routes: [
      'GET /api/v2/templateversions/{templateversion}/parameters',
      'GET /api/v2/templateversions/{templateversion}/schema',
    ],
  },
  {
    answer: 'empty',
    reason:
      'Users are managed locally and sign in with a password or from this computer, not through an identity provider.',
    routes: [
      'GET /api/v2/organizations/{organization}/settings/idpsync/available-fields',
      'GET /api/v2/organizations/{organization}/settings/idpsync/field-values',
      'GET /api/v2/organizations/{organization}/settings/idpsync/groups',
      'GET /api/v2/organizations/{organization}/settings/idpsync/roles',
      'GET /api/v2/settings/idpsync/available-fields',
      'GET /api/v2/settings/idpsync/field-values',
      'GET /api/v2/settings/idpsync/organization',
    ],
  },
  {
    answer: 'refusal',
    reason:
      'Users are managed locally and sign in with a password or from this computer, not through an identity provider.',
    routes: [
      'PATCH /api/v2/organizations/{organization}/settings/idpsync/groups',
      'PATCH /api/v2/organizations/{organization}/settings/idpsync/groups/config',
      'PATCH /api/v2/organizations/{organization}/settings/idpsync/groups/mapping',
      'PATCH /api/v2/organizations/{organization}/settings/idpsync/roles',
      'PATCH /api/v2/organizations/{organization}/settings/idpsync/roles/config',
      'PATCH /api/v2/organizations/{organization}/settings/idpsync/roles/mapping',
      'PATCH /api/v2/settings/idpsync/organization',
      'PATCH /api/v2/settings/idpsync/organization/config',
      'PATCH /api/v2/settings/idpsync/organization/mapping',
    ],
  },
  {
    answer: 'empty',
    reason: 'The deployment is not an OAuth2 provider for other applications.',
    routes: ['GET /api/v2/oauth2-provider/apps'],
  },
  {
    answer: 'refusal',
    reason: 'No other sign-in method is configured.',
    routes: ['POST /api/v2/users/{user}/convert-login'],
  },
  {
    answer: 'refusal',
    reason: 'There is exactly one organization, and it cannot be deleted.',
    routes: ['POST /api/v2/organizations', 'DELETE /api/v2/organizations/{organization}'],
  },
]

/** The reason why a route of Coder is rejected; null for other requests.
 *  @param path without its query */
export function explainUnsupportedRoute(method: string, path: string): string | null {
  return unsupportedRoutes.find(({ routes }) => routes.some((route) => isRoute(route, method, path)))?.reason ?? null
}

/** The methods of Coder at a path for which all methods are rejected here. */
export function rejectedMethodsAt(path: string): string[] {
  const routes = unsupportedRoutes.flatMap((refusal) => refusal.routes)
  return routes.map(methodOf).filter((method, at) => isRoute(routes[at] as string, method, path))
}

const methodOf = (route: string) => route.slice(0, route.indexOf(' '))

function isRoute(route: string, method: string, path: string): boolean {
  const [parts, requested] = [route.split(/[ /]/), `${method} ${path}`.split(/[ /]/)]
  return parts.length === requested.length && parts.every((part, at) => part.startsWith('{') || part === requested[at])
}
