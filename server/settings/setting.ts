// Declaration of a setting: names as in Coder, typed parser, help, default.

import type { SettingType } from './setting-types.ts'

export interface Setting<T = unknown> {
  /** Display name in the dashboard. */
  readonly name: string
  readonly flag: string
  readonly env: string
  /** Key in the YAML configuration file, below the keys of the group. Empty if the file cannot contain it. */
  readonly yaml: string
  readonly group: SettingGroup
  readonly type: SettingType<T>
  readonly help: string
  readonly default: string
  /** The value is never shown. */
  readonly isSecret?: true
  /** Omitted from Coder's help and documentation. */
  readonly isHidden?: true
  /** Also a setting of Coder's workspace proxies. */
  readonly appliesToProxies?: true
  /** Requires a license in Coder. */
  readonly isEnterprise?: true
}

export type SettingTable = Readonly<Record<string, Setting>>

/** The parsed values of a table of settings. */
export type ValuesOf<Settings extends SettingTable> = {
  readonly [Name in keyof Settings]: Settings[Name]['type'] extends SettingType<infer T> ? T : never
}

/** Groups of settings, and the key of each in the YAML configuration file. */
export const settingGroups = {
  deployment: { name: '', yaml: '', parent: null },
  networking: { name: 'Networking', yaml: 'networking', parent: null },
  http: { name: 'HTTP', yaml: 'http', parent: 'networking' },
  tls: { name: 'TLS', yaml: 'tls', parent: 'networking' },
  oauth2: { name: 'OAuth2', yaml: 'oauth2', parent: null },
  github: { name: 'GitHub', yaml: 'github', parent: 'oauth2' },
  oidc: { name: 'OIDC', yaml: 'oidc', parent: null },
  telemetry: { name: 'Telemetry', yaml: 'telemetry', parent: null },
  quietHours: { name: 'User Quiet Hours Schedule', yaml: 'userQuietHoursSchedule', parent: null },
  logging: { name: 'Logging', yaml: 'logging', parent: 'introspection' },
  introspection: { name: 'Introspection', yaml: 'introspection', parent: null },
  tracing: { name: 'Tracing', yaml: 'tracing', parent: 'introspection' },
  pprof: { name: 'pprof', yaml: 'pprof', parent: 'introspection' },
  prometheus: { name: 'Prometheus', yaml: 'prometheus', parent: 'introspection' },
  healthCheck: { name: 'Health Check', yaml: 'healthcheck', parent: 'introspection' },
  retention: { name: 'Retention', yaml: 'retention', parent: null },
  client: { name: 'Client', yaml: 'client', parent: null },
  provisioning: { name: 'Provisioning', yaml: 'provisioning', parent: null },
  email: { name: 'Email', yaml: 'email', parent: null },
  emailAuth: { name: 'Email Authentication', yaml: 'emailAuth', parent: 'email' },
  emailTls: { name: 'Email TLS', yaml: 'emailTLS', parent: 'email' },
  notifications: { name: 'Notifications', yaml: 'notifications', parent: null },
  webhook: { name: 'Webhook', yaml: 'webhook', parent: 'notifications' },
  inbox: { name: 'Inbox', yaml: 'inbox', parent: 'notifications' },
} as const satisfies Readonly<Record<string, { name: string; yaml: string; parent: string | null }>>

export type SettingGroup = keyof typeof settingGroups
