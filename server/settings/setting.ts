// What a setting is: its names are Coder's, its words ours.

export interface Setting {
  /** As the dashboard shows it. */
  readonly name: string
  readonly flag: string
  readonly env: string
  /** Its key in a YAML file, below the keys of its group. */
  readonly yaml: string
  readonly group: SettingGroup
  readonly kind: 'text' | 'flag' | 'count' | 'duration'
  readonly help: string
  readonly fallback: string
  /** Never shown once it is set. */
  readonly isSecret?: true
}

/** Groups of settings, with the key that each has in a YAML file. */
export const settingGroups = {
  deployment: { name: '', yaml: '', parent: null },
  networking: { name: 'Networking', yaml: 'networking', parent: null },
  http: { name: 'HTTP', yaml: 'http', parent: 'networking' },
  logging: { name: 'Logging', yaml: 'logging', parent: 'introspection' },
  introspection: { name: 'Introspection', yaml: 'introspection', parent: null },
  prometheus: { name: 'Prometheus', yaml: 'prometheus', parent: 'introspection' },
  healthCheck: { name: 'Health Check', yaml: 'healthcheck', parent: 'introspection' },
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
