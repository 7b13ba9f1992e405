// The data extracted from a template, a plan or a state in coderd's model. Plain data, so that it can cross threads.

import type { Diagnostic } from '../diagnostics/diagnostic.ts'

export type ParameterType = 'string' | 'number' | 'bool' | 'list(string)'

export interface ExtractedParameter {
  readonly name: string
  readonly displayName: string
  readonly description: string
  readonly type: ParameterType
  readonly formType: string
  /** JSON. */
  readonly styling: string
  readonly mutable: boolean
  readonly ephemeral: boolean
  readonly defaultValue: string
  readonly required: boolean
  readonly icon: string
  readonly order: number
  readonly options: readonly ExtractedOption[]
  readonly validation: ExtractedValidation
}

export interface ExtractedOption {
  readonly name: string
  readonly description: string
  readonly value: string
  readonly icon: string
}

export interface ExtractedValidation {
  readonly regex: string
  readonly error: string
  readonly min: number | null
  readonly max: number | null
  readonly monotonic: '' | 'increasing' | 'decreasing'
}

export interface ExtractedPreset {
  readonly name: string
  readonly description: string
  readonly icon: string
  readonly isDefault: boolean
  readonly parameters: readonly { readonly name: string; readonly value: string }[]
  readonly desiredInstances: number | null
}

export interface ExtractedVariable {
  readonly name: string
  readonly description: string
  readonly type: string
  /** Empty when sensitive. */
  readonly defaultValue: string
  readonly required: boolean
  readonly sensitive: boolean
}

export interface ExtractedResource {
  readonly type: string
  readonly name: string
  readonly address: string
  readonly modulePath: string
  readonly instanceType: string
  readonly icon: string
  readonly hide: boolean
  readonly dailyCost: number
  readonly metadata: readonly ExtractedMetadataItem[]
  readonly agents: readonly ExtractedAgent[]
}

export interface ExtractedMetadataItem {
  readonly key: string
  readonly value: string
  readonly sensitive: boolean
  readonly isNull: boolean
}

export interface ExtractedAgent {
  /** The agent's id in the state; empty in a plan. */
  readonly id: string
  readonly name: string
  /** Empty in a plan, and with instance identity. */
  readonly token: string
  readonly auth: 'token' | 'instance-identity'
  readonly instanceId: string
  readonly operatingSystem: string
  readonly architecture: string
  readonly directory: string
  readonly environment: Readonly<Record<string, string>>
  readonly connectionTimeoutSeconds: number
  readonly motdFile: string
  readonly troubleshootingUrl: string
  readonly order: number
  readonly apiKeyScope: 'all' | 'no_user_data'
  readonly displayApps: readonly string[]
  readonly metadata: readonly ExtractedAgentMetadata[]
  readonly apps: readonly ExtractedApp[]
  readonly scripts: readonly ExtractedScript[]
  readonly monitors: readonly ExtractedMonitor[]
}

/** A resource monitor, which notifies above its threshold. */
export interface ExtractedMonitor {
  readonly kind: 'memory' | 'volume'
  /** Empty for memory. */
  readonly path: string
  readonly isEnabled: boolean
  readonly thresholdPercent: number
}

export interface ExtractedAgentMetadata {
  readonly key: string
  readonly displayName: string
  readonly script: string
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly order: number
}

export interface ExtractedApp {
  readonly slug: string
  readonly displayName: string
  readonly icon: string
  readonly url: string
  readonly command: string
  readonly external: boolean
  readonly subdomain: boolean
  readonly sharingLevel: 'owner' | 'authenticated' | 'organization' | 'public'
  readonly group: string
  readonly order: number
  readonly hidden: boolean
  readonly openIn: 'slim-window' | 'tab'
  readonly tooltip: string
  /** The app of an AI task. */
  readonly isTask?: true
  readonly healthcheck: { readonly url: string; readonly intervalSeconds: number; readonly threshold: number } | null
}

export interface ExtractedScript {
  readonly displayName: string
  readonly icon: string
  readonly script: string
  readonly cron: string
  readonly runOnStart: boolean
  readonly runOnStop: boolean
  readonly startBlocksLogin: boolean
  readonly timeoutSeconds: number
  readonly logPath: string
}

export interface Extracted<T> {
  readonly items: readonly T[]
  readonly diagnostics: readonly Diagnostic[]
}
