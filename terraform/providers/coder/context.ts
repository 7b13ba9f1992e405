// The build context of the `coder` provider. Plain data, except for `agentInitScript`.

export interface CoderContext {
  /** The deployment's URL for agents. */
  readonly accessUrl: string
  readonly transition: 'start' | 'stop'
  readonly workspace: { readonly id: string; readonly name: string }
  /** Empty during a template import: parameters without a value are then not an error. */
  readonly buildId: string
  readonly owner: CoderOwner
  readonly template: { readonly id: string; readonly name: string; readonly version: string }
  /** Values as strings; a list is JSON. Missing parameters have their default. */
  readonly parameters: Readonly<Record<string, string>>
  /** The workspace's task, if it has one. */
  readonly task?: { readonly id: string; readonly prompt: string }
  /** Access tokens by external authentication id. */
  readonly externalAuth?: Readonly<Record<string, string>>
  /** The script that starts an agent on an operating system and architecture. */
  agentInitScript(os: string, arch: string): string
}

export interface CoderOwner {
  readonly id: string
  readonly name: string
  readonly fullName: string
  readonly email: string
  readonly groups: readonly string[]
  readonly sessionToken: string
  readonly oidcAccessToken?: string
  readonly sshPublicKey: string
  readonly sshPrivateKey: string
  readonly loginType: string
  readonly rbacRoles: readonly { readonly name: string; readonly orgId: string }[]
}
