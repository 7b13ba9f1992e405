// What a setting is: its names are Coder's, its words ours.

export interface Setting {
  /** As the dashboard shows it. */
  readonly name: string
  readonly flag: string
  readonly env: string
  /** Its key in a YAML file, below the keys of its group. */
  readonly yaml: string
  readonly group: SettingGroup
  /** A list is written with commas between. */
  readonly kind: 'text' | 'flag' | 'count' | 'duration' | 'list'
  readonly help: string
  readonly fallback: string
  /** Never shown once it is set. */
  readonly isSecret?: true
  /** Left out of Coder's help and documentation: for those who know what they do. */
  readonly isHidden?: true
  /** Also a setting of Coder's workspace proxies. */
  readonly isOfProxies?: true
  /** Of Coder's paid edition. */
  readonly isOfEnterprise?: true
}

/** Groups of settings, with the key that each has in a YAML file. */
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
