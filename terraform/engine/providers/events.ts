// Events of plan and apply about single objects. The source of the build log and of the build timings.

import type { LogLevel } from '../../provider.ts'

export type ResourceAction = 'read' | 'refresh' | 'create' | 'update' | 'delete'

export type EngineEvent =
  | {
      readonly kind: 'resource_start'
      readonly address: string
      readonly action: ResourceAction
      readonly message: string
    }
  | {
      readonly kind: 'resource_done'
      readonly address: string
      readonly action: ResourceAction
      readonly elapsedMs: number
      readonly message: string
    }
  | {
      readonly kind: 'resource_failed'
      readonly address: string
      readonly action: ResourceAction
      readonly elapsedMs: number
      readonly message: string
    }
  | { readonly kind: 'log'; readonly address: string; readonly level: LogLevel; readonly message: string }

export type OnEvent = (event: EngineEvent) => void
