// The routes of Coder that are not answered here, or answered with nothing, each with the reason. Whatever else Coder has
// is declared in api/table.ts; official-routes.test.ts keeps the two complete. docs/official-routes.md is made of both.

export interface Refusal {
  /** One sentence, for whoever asked. */
  readonly reason: string
  /** `GET /api/v2/…`, as Coder's description writes them. */
  readonly routes: readonly string[]
}

export const refusals: readonly Refusal[] = [
  {
    reason:
      'Agents are reached over the connection that they dial themselves; there is no WireGuard network and no relay.',
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
    reason: 'One deployment serves everybody itself; it has no proxies in other regions and no replicas.',
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
    reason: 'Applications are not opened by this deployment yet: it forwards no port of a workspace.',
    routes: ['GET /api/v2/applications/auth-redirect'],
  },
  {
    reason: 'Everything is included; there are no licences to add or to remove.',
    routes: ['POST /api/v2/licenses', 'DELETE /api/v2/licenses/{id}'],
  },
  {
    reason: 'Users are kept here and sign in with a password or from this computer, not with an identity provider.',
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
    reason: 'The deployment does not sign people in to other applications.',
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
    reason: 'Agents prove themselves with their token; no cloud vouches for a machine.',
    routes: [
      'POST /api/v2/workspaceagents/aws-instance-identity',
      'POST /api/v2/workspaceagents/azure-instance-identity',
      'POST /api/v2/workspaceagents/google-instance-identity',
    ],
  },
  {
    reason: 'Provisioners live in coderd; none is connected from outside yet.',
    routes: ['GET /api/v2/organizations/{organization}/provisionerdaemons/serve'],
  },
  {
    reason: 'The inside of the process is read with the tools of Node, not over the network.',
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
    reason: 'Notifications are pushed to open pages; nothing leaves this computer for a push service.',
    routes: [
      'POST /api/v2/users/{user}/webpush/subscription',
      'DELETE /api/v2/users/{user}/webpush/subscription',
      'POST /api/v2/users/{user}/webpush/test',
    ],
  },
]

export interface Restriction extends Refusal {
  /** What an endpoint of these does although it is declared: answer with nothing, or refuse whatever is asked. */
  readonly answer: 'nothing' | 'refusal'
}

/** Declared, so that clients that ask are answered in form, but without anything behind them. */
export const restrictions: readonly Restriction[] = [
  {
    answer: 'nothing',
    reason: 'Requests to language models do not go through the deployment.',
    routes: ['GET /api/v2/aibridge/interceptions'],
  },
  {
    answer: 'nothing',
    reason: 'No account elsewhere can be linked to this deployment.',
    routes: ['GET /api/v2/external-auth'],
  },
  {
    answer: 'refusal',
    reason: 'No account elsewhere can be linked to this deployment.',
    routes: [
      'GET /api/v2/external-auth/{externalauth}',
      'DELETE /api/v2/external-auth/{externalauth}',
      'GET /api/v2/external-auth/{externalauth}/device',
      'POST /api/v2/external-auth/{externalauth}/device',
    ],
  },
  {
    answer: 'nothing',
    reason: 'Everything is included without a licence.',
    routes: ['GET /api/v2/licenses', 'POST /api/v2/licenses/refresh-entitlements'],
  },
  {
    answer: 'nothing',
    reason: 'Workspaces are built when somebody asks for them; none is kept in store.',
    routes: ['POST /api/v2/templates/{template}/prebuilds/invalidate'],
  },
  {
    answer: 'nothing',
    reason: 'Older clients ask for what parameters were before rich ones; Coder answers with nothing, too.',
    routes: [
      'GET /api/v2/templateversions/{templateversion}/parameters',
      'GET /api/v2/templateversions/{templateversion}/schema',
    ],
  },
  {
    answer: 'nothing',
    reason: 'Users are kept here and sign in with a password or from this computer, not with an identity provider.',
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
    reason: 'Users are kept here and sign in with a password or from this computer, not with an identity provider.',
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
    answer: 'nothing',
    reason: 'No application of somebody else signs people in with this deployment.',
    routes: ['GET /api/v2/oauth2-provider/apps'],
  },
  {
    answer: 'refusal',
    reason: 'There is no other way of signing in that a user could change to.',
    routes: ['POST /api/v2/users/{user}/convert-login'],
  },
  {
    answer: 'refusal',
    reason: 'There is one organization, and it stays.',
    routes: ['POST /api/v2/organizations', 'DELETE /api/v2/organizations/{organization}'],
  },
]

/** The reason why a request is not answered, if it is one of Coder's.
 *  @param path without its query */
export function findRefusal(method: string, path: string): string | null {
  return refusals.find(({ routes }) => routes.some((route) => isRoute(route, method, path)))?.reason ?? null
}

/** The methods that Coder takes at an address of which nothing is answered here. */
export function methodsOfRefused(path: string): string[] {
  const routes = refusals.flatMap((refusal) => refusal.routes)
  return routes.map(methodOf).filter((method, at) => isRoute(routes[at] as string, method, path))
}

const methodOf = (route: string) => route.slice(0, route.indexOf(' '))

function isRoute(route: string, method: string, path: string): boolean {
  const [parts, asked] = [route.split(/[ /]/), `${method} ${path}`.split(/[ /]/)]
  return parts.length === asked.length && parts.every((part, at) => part.startsWith('{') || part === asked[at])
}
