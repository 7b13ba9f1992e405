// What the `coder` provider is told about the build it works for. Plain data but for `agentInitScript`.

export interface CoderContext {
  /** The deployment's URL as agents reach it. */
  readonly accessUrl: string
  readonly transition: 'start' | 'stop'
  readonly workspace: { readonly id: string; readonly name: string }
  /** Empty at import: then parameters without a value are no error. */
  readonly buildId: string
  readonly owner: CoderOwner
  readonly template: { readonly id: string; readonly name: string; readonly version: string }
  /** Values in their wire form; a list is JSON text. Those that are absent take their default. */
  readonly parameters: Readonly<Record<string, string>>
  /** The task that the workspace works on, if it does. */
  readonly task?: { readonly id: string; readonly prompt: string }
  /** Access tokens by the id of the external authentication. */
  readonly externalAuth?: Readonly<Record<string, string>>
  /** The script that starts an agent on the given system, complete for `accessUrl`. */
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
