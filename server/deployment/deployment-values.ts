// The settings as Coder's clients read them: every value under Coder's key, whether it can be set here or not; secrets
// and what is empty are left out. Which settings there are is the table in config.ts.

import type { Config } from '../config.ts'
import { docsUrl } from './docs-url.ts'

/** Go durations are whole nanoseconds. */
const ns = (ms: number) => Math.round(ms * 1e6)
const seconds = (n: number) => ns(n * 1000)
const minutes = (n: number) => seconds(n * 60)
const days = (n: number) => minutes(n * 24 * 60)

const hostPortOf = ({ host, port }: { readonly host: string; readonly port: number }) =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Told also where there is nothing of it. */
const alwaysTold: ReadonlySet<string> = new Set(['address', 'external_auth'])

export function deploymentValues(config: Config, accessUrl: string): Record<string, unknown> {
  const isTold = ([key, value]: [string, unknown]) =>
    alwaysTold.has(key) || (Array.isArray(value) ? value.length > 0 : Boolean(value))
  return Object.fromEntries(Object.entries(allValues(config, accessUrl)).filter(isTold))
}

function allValues(config: Config, accessUrl: string) {
  return {
    access_url: accessUrl,
    address: hostPortOf(config.listen),
    http_address: hostPortOf(config.listen),
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
    ...valuesOfAccess(config),
    ...valuesOfWatching(config),
    ...valuesOfWorkspaces(config),
    ...valuesOfNetwork(),
    notifications: valuesOfNotifications(config),
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

function valuesOfAccess(config: Config) {
  return {
    session_lifetime: {
      default_duration: seconds(config.sessionSeconds),
      default_token_lifetime: seconds(config.tokenSeconds),
      disable_expiry_refresh: config.hasFixedSessions,
      max_token_lifetime: seconds(config.mostTokenSeconds.ofOthers),
      max_admin_token_lifetime: seconds(config.mostTokenSeconds.ofOwners),
      refresh_default_duration: days(30),
    },
    http_cookies: { secure_auth_cookie: config.secureAuthCookie, same_site: 'lax' },
    rate_limit: { api: config.requestsAMinute, disable_all: !config.hasRateLimits },
    disable_password_auth: !config.hasPasswordAuth,
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

function valuesOfWatching({ health, prometheus, retention, texts }: Config) {
  return {
    healthcheck: { refresh: ns(health.refreshMs), threshold_database: ns(health.thresholdDatabaseMs) },
    prometheus: {
      enable: prometheus !== null,
      address: texts.prometheusAddress.text,
      collect_agent_stats: prometheus?.hasAgentStats ?? false,
      collect_db_metrics: prometheus?.hasQueries ?? false,
      aggregate_agent_stats_by: ['agent_name', 'template_name', 'username', 'workspace_name'],
    },
    pprof: { enable: false, address: '127.0.0.1:6060' },
    trace: { enable: false, capture_logs: false, data_dog: false, honeycomb_api_key: '' },
    logging: { log_filter: [], human: '', json: '/dev/stderr', stackdriver: '' },
    stats_collection: { usage_stats: { enable: true } },
    metrics_cache_refresh_interval: minutes(60),
    retention: {
      audit_logs: ns(retention.auditLogsMs),
      connection_logs: ns(retention.connectionLogsMs),
      api_keys: ns(retention.apiKeysMs),
      workspace_agent_logs: ns(retention.agentLogsMs),
    },
  }
}

function valuesOfWorkspaces(config: Config) {
  return {
    provisioner: {
      daemons: config.provisionerDaemons,
      daemon_types: ['terraform'],
      daemon_poll_interval: seconds(1),
      daemon_poll_jitter: ns(100),
      daemon_psk: '',
      force_cancel_interval: minutes(10),
    },
    autobuild_poll_interval: minutes(1),
    job_hang_detector_interval: minutes(1),
    agent_stat_refresh_interval: seconds(30),
    agent_fallback_troubleshooting_url: '',
    allow_workspace_renames: config.mayRenameWorkspaces,
    disable_path_apps: false,
    disable_workspace_sharing: false,
    enable_terraform_debug_mode: config.hasTerraformDebugMode,
    workspace_hostname_suffix: config.ssh.hostnameSuffix,
    workspace_prebuilds: {
      reconciliation_interval: minutes(1),
      reconciliation_backoff_interval: minutes(1),
      reconciliation_backoff_lookback: minutes(60),
      failure_hard_limit: 3,
    },
    config_ssh: {
      DeploymentName: config.ssh.hostnamePrefix,
      SSHConfigOptions: Object.entries(config.ssh.options).map(([key, value]) => `${key}=${value}`),
    },
  }
}

function valuesOfNetwork() {
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

function valuesOfNotifications({ email, notifications }: Config) {
  return {
    method: notifications.method,
    dispatch_timeout: ns(notifications.dispatchTimeoutMs),
    max_send_attempts: notifications.maxSendAttempts,
    retry_interval: ns(notifications.retryIntervalMs),
    lease_period: ns(notifications.leasePeriodMs),
    lease_count: notifications.leaseCount,
    fetch_interval: ns(notifications.fetchIntervalMs),
    sync_interval: seconds(2),
    sync_buffer_size: 50,
    inbox: { enabled: notifications.isInboxEnabled },
    webhook: { endpoint: notifications.webhookEndpoint },
    email: {
      from: email.from,
      smarthost: email.smarthost ? hostPortOf(email.smarthost) : '',
      hello: email.hello,
      force_tls: email.forceTls,
      auth: {
        identity: email.auth.identity,
        username: email.auth.username,
        password: '',
        password_file: email.auth.passwordFile,
      },
      tls: {
        start_tls: email.tls.startTls,
        server_name: email.tls.serverName,
        insecure_skip_verify: email.tls.skipVerify,
        ca_file: email.tls.caFile,
        cert_file: email.tls.certFile,
        key_file: email.tls.keyFile,
      },
    },
  }
}
