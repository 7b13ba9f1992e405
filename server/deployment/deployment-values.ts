// Settings in the format of Coder's clients: all of Coder's keys, including unsupported ones; secrets and empty values
// are omitted. The settings are declared in config.ts.

import type { Config } from '../config.ts'
import { docsUrl } from './docs-url.ts'

/** Go durations are integer nanoseconds. */
const nanoseconds = (ms: number) => Math.round(ms * 1e6)
const seconds = (n: number) => nanoseconds(n * 1000)
const minutes = (n: number) => seconds(n * 60)
const days = (n: number) => minutes(n * 24 * 60)

const formatHostPort = ({ host, port }: { readonly host: string; readonly port: number }) =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Keys that clients require even when they are empty. */
const requiredKeys: ReadonlySet<string> = new Set(['address', 'external_auth'])

export function deploymentValues(config: Config, accessUrl: string): Record<string, unknown> {
  const isIncluded = ([key, value]: [string, unknown]) =>
    requiredKeys.has(key) || (Array.isArray(value) ? value.length > 0 : Boolean(value))
  return Object.fromEntries(Object.entries(allValues(config, accessUrl)).filter(isIncluded))
}

function allValues(config: Config, accessUrl: string) {
  return {
    access_url: accessUrl,
    address: formatHostPort(config.httpAddress),
    http_address: formatHostPort(config.httpAddress),
    wildcard_access_url: config.wildcardAccessUrl,
    config: '',
    write_config: false,
    cache_directory: config.dataDir,
    pg_connection_url: '',
    pg_auth: 'password',
    pg_conn_max_open: config.postgresMaxConnections,
    pg_conn_max_idle: 'auto',
    ephemeral_deployment: false,
    verbose: config.logLevel === 'debug' || config.logLevel === 'trace',
    ...accessValues(config),
    ...observabilityValues(config),
    ...workspaceValues(config),
    ...networkValues(),
    notifications: notificationValues(config),
    docs_url: docsUrl,
    support: { links: [] },
    experiments: [],
    update_check: false,
    telemetry: { enable: false, trace: false, url: '' },
    swagger: { enable: false },
    cli_upgrade_message: '',
    terms_of_service_url: '',
    web_terminal_renderer: 'webgl',
    hide_ai_tasks: false,
    ai: { bridge: { enabled: false }, aibridge_proxy: { enabled: false } },
  }
}

function accessValues(config: Config) {
  return {
    session_lifetime: {
      default_duration: nanoseconds(config.sessionDuration),
      default_token_lifetime: nanoseconds(config.defaultTokenLifetime),
      disable_expiry_refresh: config.disableSessionExpiryRefresh,
      max_token_lifetime: nanoseconds(config.maxTokenLifetime),
      max_admin_token_lifetime: nanoseconds(config.maxAdminTokenLifetime),
      refresh_default_duration: days(30),
    },
    http_cookies: { secure_auth_cookie: config.secureAuthCookie, same_site: 'lax' },
    rate_limit: { api: config.apiRateLimit, disable_all: config.disableRateLimits },
    disable_password_auth: config.disablePasswordAuth,
    disable_owner_workspace_exec: false,
    ssh_keygen_algorithm: 'ed25519',
    browser_only: false,
    scim_api_key: '',
    external_token_encryption_keys: [],
    external_auth: [],
    enable_authz_recording: false,
    oauth2: {
      github: {
        client_id: '',
        client_secret: '',
        allow_signups: false,
        allow_everyone: false,
        allowed_orgs: [],
        allowed_teams: [],
        default_provider_enable: false,
        device_flow: false,
        enterprise_base_url: '',
      },
    },
    oidc: {
      client_id: '',
      client_secret: '',
      issuer_url: '',
      allow_signups: false,
      email_domain: [],
      scopes: [],
      sign_in_text: '',
      icon_url: '',
      group_mapping: {},
      user_role_mapping: {},
      user_roles_default: [],
      group_allow_list: [],
      auth_url_params: {},
    },
    dangerous: { allow_all_cors: false, allow_path_app_sharing: false, allow_path_app_site_owner_access: false },
    user_quiet_hours_schedule: { default_schedule: 'CRON_TZ=UTC 0 0 * * *', allow_user_custom: true },
  }
}

function observabilityValues(config: Config) {
  return {
    healthcheck: {
      refresh: nanoseconds(config.healthCheckRefresh),
      threshold_database: nanoseconds(config.healthCheckThresholdDatabase),
    },
    prometheus: {
      enable: config.prometheusEnable,
      address: config.inputs.prometheusAddress.text,
      collect_agent_stats: config.prometheusEnable && config.prometheusCollectAgentStats,
      collect_db_metrics: config.prometheusEnable && config.prometheusCollectDbMetrics,
      aggregate_agent_stats_by: ['agent_name', 'template_name', 'username', 'workspace_name'],
    },
    pprof: { enable: false, address: '127.0.0.1:6060' },
    trace: { enable: false, capture_logs: false, data_dog: false, honeycomb_api_key: '' },
    logging: { log_filter: [], human: '', json: '/dev/stderr', stackdriver: '' },
    stats_collection: { usage_stats: { enable: true } },
    metrics_cache_refresh_interval: minutes(60),
    retention: {
      audit_logs: nanoseconds(config.auditLogsRetention),
      connection_logs: nanoseconds(config.connectionLogsRetention),
      api_keys: nanoseconds(config.apiKeysRetention),
      workspace_agent_logs: nanoseconds(config.workspaceAgentLogsRetention),
    },
  }
}

function workspaceValues(config: Config) {
  return {
    provisioner: {
      daemons: config.provisionerDaemons,
      daemon_types: ['terraform'],
      daemon_poll_interval: seconds(1),
      daemon_poll_jitter: nanoseconds(100),
      daemon_psk: '',
      force_cancel_interval: minutes(10),
    },
    autobuild_poll_interval: minutes(1),
    job_hang_detector_interval: minutes(1),
    agent_stat_refresh_interval: seconds(30),
    agent_fallback_troubleshooting_url: '',
    allow_workspace_renames: config.allowWorkspaceRenames,
    disable_path_apps: false,
    disable_workspace_sharing: false,
    enable_terraform_debug_mode: config.enableTerraformDebugMode,
    workspace_hostname_suffix: config.workspaceHostnameSuffix,
    workspace_prebuilds: {
      reconciliation_interval: minutes(1),
      reconciliation_backoff_interval: minutes(1),
      reconciliation_backoff_lookback: minutes(60),
      failure_hard_limit: 3,
    },
    config_ssh: {
      DeploymentName: config.sshHostnamePrefix,
      SSHConfigOptions: Object.entries(config.sshConfigOptions).map(([key, value]) => `${key}=${value}`),
    },
  }
}

function networkValues() {
  return {
    redirect_to_access_url: false,
    strict_transport_security: 0,
    strict_transport_security_options: [],
    additional_csp_policy: [],
    proxy_trusted_headers: [],
    proxy_trusted_origins: [],
    proxy_health_status_interval: minutes(1),
    wgtunnel_host: '',
    tls: {
      enable: false,
      address: '127.0.0.1:3443',
      redirect_http: true,
      cert_file: [],
      key_file: [],
      client_auth: 'none',
      client_ca_file: '',
      client_cert_file: '',
      client_key_file: '',
      min_version: 'tls12',
      supported_ciphers: [],
      allow_insecure_ciphers: false,
    },
    derp: {
      server: {
        enable: false,
        region_id: 0,
        region_code: '',
        region_name: '',
        stun_addresses: [],
        relay_url: '',
      },
      config: { block_direct: true, force_websockets: true, url: '', path: '' },
    },
  }
}

function notificationValues(config: Config) {
  return {
    method: config.notificationsMethod,
    dispatch_timeout: nanoseconds(config.notificationsDispatchTimeout),
    max_send_attempts: config.notificationsMaxSendAttempts,
    retry_interval: nanoseconds(config.notificationsRetryInterval),
    lease_period: nanoseconds(config.notificationsLeasePeriod),
    lease_count: config.notificationsLeaseCount,
    fetch_interval: nanoseconds(config.notificationsFetchInterval),
    sync_interval: seconds(2),
    sync_buffer_size: 50,
    inbox: { enabled: config.notificationsInboxEnabled },
    webhook: { endpoint: config.notificationsWebhookEndpoint },
    email: {
      from: config.emailFrom,
      smarthost: config.emailSmarthost ? formatHostPort(config.emailSmarthost) : '',
      hello: config.emailHello,
      force_tls: config.emailForceTls,
      auth: {
        identity: config.emailAuthIdentity,
        username: config.emailAuthUsername,
        password: '',
        password_file: config.emailAuthPasswordFile,
      },
      tls: {
        start_tls: config.emailStartTls,
        server_name: config.emailTlsServerName,
        insecure_skip_verify: config.emailTlsSkipVerify,
        ca_file: config.emailTlsCaFile,
        cert_file: config.emailTlsCertFile,
        key_file: config.emailTlsKeyFile,
      },
    },
  }
}
