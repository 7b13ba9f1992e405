// The HTTP server of coderd: request guards, authentication, error handling and the list of routes.

import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify'
import type { ApiError } from '../api/errors.ts'
import { coderVersion } from '../lib/version.ts'
import type { ServerContext } from './context.ts'
import { installDashboard } from './dashboard.ts'
import { installBodyParsers } from './http/body-parsers.ts'
import { bearerChallenge, toApiError } from './http/errors.ts'
import { checkHeaders, httpServerOptions, limitBody, sendClientError } from './http/http-limits.ts'
import { identify } from './http/identify.ts'
import { recordMethods } from './http/method-not-allowed.ts'
import { createRateLimits, type RateLimits } from './http/rate-limits.ts'
import { createRequestGuards, type RequestGuards } from './http/request-guards.ts'
import { installValidation } from './http/serve.ts'
import { assertStreamAvailable } from './http/stream-limit.ts'
import { installUpgrades } from './http/upgrades.ts'
import type { Principal } from './policy/policy.ts'
import { registerKeyRoutes } from './routes/account/api-keys.ts'
import { registerAuthorizationRoutes } from './routes/account/authorization.ts'
import { registerExternalAuthRoutes } from './routes/account/external-auth.ts'
import { registerInboxRoutes } from './routes/account/inbox.ts'
import { registerNotificationRoutes } from './routes/account/notifications.ts'
import { registerPasswordRoutes } from './routes/account/passwords.ts'
import { registerSignInRoutes } from './routes/account/sign-in.ts'
import { registerUserSettingsRoutes } from './routes/account/user-settings.ts'
import { registerUserRoutes } from './routes/account/users.ts'
import { registerAgentMeRoutes } from './routes/agents/agent-me.ts'
import { registerAgentMeasurementRoutes } from './routes/agents/agent-measurements.ts'
import { registerAgentRoutes } from './routes/agents/agents.ts'
import { registerExternalAgentRoutes } from './routes/agents/external-agents.ts'
import { registerSignedTokenRoutes } from './routes/agents/signed-tokens.ts'
import { registerTerminalRoutes } from './routes/agents/terminals.ts'
import { registerTunnelRoutes } from './routes/agents/tunnels.ts'
import { registerAiBridgeRoutes } from './routes/deployment/ai-bridge.ts'
import { registerAppearanceRoutes } from './routes/deployment/appearance.ts'
import { registerAuditRoutes } from './routes/deployment/audit.ts'
import { registerBinaryRoutes } from './routes/deployment/binaries.ts'
import { registerConnectionLogRoutes } from './routes/deployment/connection-log.ts'
import { registerDeploymentRoutes } from './routes/deployment/deployment.ts'
import { registerEntitlementRoutes } from './routes/deployment/entitlements.ts'
import { registerHealthRoutes } from './routes/deployment/health.ts'
import { registerInsightRoutes } from './routes/deployment/insights.ts'
import { registerOAuth2AppRoutes } from './routes/deployment/oauth2-apps.ts'
import { registerReferenceRoutes } from './routes/deployment/reference.ts'
import { registerRegionRoutes } from './routes/deployment/regions.ts'
import { registerLocalRoutes } from './routes/local/local.ts'
import { registerCustomRoleRoutes } from './routes/organizations/custom-roles.ts'
import { registerGroupRoutes } from './routes/organizations/groups.ts'
import { registerMemberRoutes } from './routes/organizations/members.ts'
import { registerOrganizationSettingsRoutes } from './routes/organizations/organization-settings.ts'
import { registerOrganizationRoutes } from './routes/organizations/organizations.ts'
import { registerProvisionerDaemonRoutes } from './routes/organizations/provisioner-daemons.ts'
import { registerProvisionerJobRoutes } from './routes/organizations/provisioner-jobs.ts'
import { registerProvisionerKeyRoutes } from './routes/organizations/provisioner-keys.ts'
import { registerRoleRoutes } from './routes/organizations/roles.ts'
import { registerTaskConversationRoutes } from './routes/tasks/task-conversation.ts'
import { registerTaskRoutes } from './routes/tasks/tasks.ts'
import { registerDryRunRoutes } from './routes/templates/dry-runs.ts'
import { registerDynamicParameterRoutes } from './routes/templates/dynamic-parameters.ts'
import { registerFileRoutes, unsupportedType } from './routes/templates/files.ts'
import { registerTemplateAclRoutes } from './routes/templates/template-acl.ts'
import { registerTemplateVersionHistoryRoutes } from './routes/templates/template-version-history.ts'
import { registerTemplateVersionRoutes } from './routes/templates/template-versions.ts'
import { registerTemplateRoutes } from './routes/templates/templates.ts'
import { registerBuildRoutes } from './routes/workspaces/builds.ts'
import { registerFavoriteRoutes } from './routes/workspaces/favorites.ts'
import { registerPortShareRoutes } from './routes/workspaces/port-shares.ts'
import { registerWorkspaceQuotaRoutes } from './routes/workspaces/workspace-quotas.ts'
import { registerWorkspaceScheduleRoutes } from './routes/workspaces/workspace-schedules.ts'
import { registerWorkspaceSharingRoutes } from './routes/workspaces/workspace-sharing.ts'
import { registerWorkspaceUsageRoutes } from './routes/workspaces/workspace-usage.ts'
import { registerWorkspaceRoutes } from './routes/workspaces/workspaces.ts'

const routes = [
  registerDeploymentRoutes,
  registerSignInRoutes,
  registerPasswordRoutes,
  registerRoleRoutes,
  registerCustomRoleRoutes,
  registerUserRoutes,
  registerUserSettingsRoutes,
  registerKeyRoutes,
  registerAuthorizationRoutes,
  registerGroupRoutes,
  registerOAuth2AppRoutes,
  registerProvisionerKeyRoutes,
  registerMemberRoutes,
  registerOrganizationRoutes,
  registerOrganizationSettingsRoutes,
  registerFileRoutes,
  registerExternalAuthRoutes,
  registerTemplateRoutes,
  registerTemplateAclRoutes,
  registerTemplateVersionHistoryRoutes,
  registerTemplateVersionRoutes,
  registerDynamicParameterRoutes,
  registerDryRunRoutes,
  registerInsightRoutes,
  registerWorkspaceRoutes,
  registerWorkspaceUsageRoutes,
  registerWorkspaceScheduleRoutes,
  registerFavoriteRoutes,
  registerExternalAgentRoutes,
  registerPortShareRoutes,
  registerWorkspaceSharingRoutes,
  registerWorkspaceQuotaRoutes,
  registerBuildRoutes,
  registerBinaryRoutes,
  registerAgentRoutes,
  registerSignedTokenRoutes,
  registerAgentMeRoutes,
  registerAgentMeasurementRoutes,
  registerTerminalRoutes,
  registerTunnelRoutes,
  registerTaskRoutes,
  registerTaskConversationRoutes,
  registerProvisionerDaemonRoutes,
  registerReferenceRoutes,
  registerProvisionerJobRoutes,
  registerAuditRoutes,
  registerConnectionLogRoutes,
  registerAiBridgeRoutes,
  registerAppearanceRoutes,
  registerEntitlementRoutes,
  registerRegionRoutes,
  registerHealthRoutes,
  registerNotificationRoutes,
  registerInboxRoutes,
  registerLocalRoutes,
]

/** Body limit except for uploads. */
const maxBodyBytes = 10 * 1024 * 1024
export function createApp(context: ServerContext): FastifyInstance {
  const handleError = createErrorHandler(context)
  const app: FastifyInstance = Fastify({
    loggerInstance: context.log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: maxBodyBytes,
    genReqId: () => randomUUID(),
    http: httpServerOptions,
    requestTimeout: httpServerOptions.requestTimeout,
    keepAliveTimeout: 75_000,
    clientErrorHandler: sendClientError,
    forceCloseConnections: true,
    // Coder's clients use both forms of some paths, such as members and tokens.
    routerOptions: { ignoreTrailingSlash: true },
    // URLs that the router rejects do not reach any hook.
    frameworkErrors: (error, request, reply) => {
      setCommonHeaders(request, reply)
      handleError(error, request, reply)
    },
  })
  const guards = createRequestGuards(() => [context.accessUrl, context.config.accessUrl])
  const limits = createRateLimits(context.config)
  app.decorateRequest('principal', null)
  app.decorateRequest('agent', null)
  app.decorate('upgradeRoutes', [])
  recordMethods(app)
  installBodyParsers(app)
  installValidation(app)
  context.metrics?.watchRequests(app)
  installRequestGuards(app, context, guards, limits)
  app.setErrorHandler(handleError)
  for (const register of routes) register(app, context)
  installDashboard(app)
  installUpgrades(app, context, guards, limits)
  return app
}

function setCommonHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply
    .header('x-coder-build-version', coderVersion)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store')
    .header('x-coder-request-id', request.id)
}

/** Rejects unexpected upload content types with Coder's error. */
function toUploadError(error: unknown, request: FastifyRequest): ApiError | null {
  const { endpoint } = request.routeOptions.config
  const isOfOtherType = (error as { code?: unknown }).code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE'
  return endpoint?.bodyTypes && isOfOtherType ? unsupportedType(request.headers['content-type']) : null
}

const createErrorHandler =
  (context: ServerContext) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const apiError = toUploadError(error, request) ?? toApiError(error, request.log, request.id)
    if (apiError.status === 503) reply.header('retry-after', '2')
    const isForUsers = request.routeOptions.config?.endpoint?.access.kind === 'user'
    if (apiError.status === 401 && isForUsers) reply.header('www-authenticate', bearerChallenge(context.accessUrl))
    return reply
      .code(apiError.status)
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(apiError.toResponse()))
  }

const isWrite = (method: string) => method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS'

/** Ends a streamed response, such as a watch, when its user loses access.
 *  @throws ApiError 429 if the user has too many */
function closeOnSignOut({ sessions }: ServerContext, principal: Principal, { raw }: FastifyReply): void {
  assertStreamAvailable(sessions, principal)
  raw.once(
    'close',
    sessions.trackStream(principal, () => raw.destroy()),
  )
}

function installRequestGuards(
  app: FastifyInstance,
  context: ServerContext,
  guards: RequestGuards,
  limits: RateLimits,
): void {
  app.addHook('onRequest', async (request, reply) => {
    setCommonHeaders(request, reply)
    checkHeaders(request.raw)
    guards.checkHost(request.raw)
    if (isWrite(request.method)) guards.checkOrigin(request.raw)
    const { endpoint } = request.routeOptions.config
    if (!endpoint) return
    if (!endpoint.bodyTypes) limitBody(request.raw, app.server.headersTimeout)
    const { principal, agent } = await identify(context, limits, endpoint, request.raw, (name, value) =>
      reply.header(name, value),
    )
    if (principal && isWrite(request.method)) guards.checkForgery(request.raw)
    request.principal = principal
    request.agent = agent
    if (principal && endpoint.raw) closeOnSignOut(context, principal, reply)
  })
}
