// Converts plan and apply events to log lines and timings.

import type { EngineEvent, OnEvent } from '../../../terraform/engine/providers/events.ts'
import type { EngineRunOptions } from '../../jobs/engine.ts'
import type { BuildLogWriter } from './build-log-writer.ts'

/** @param isVerbose includes debug output of providers */
export function reportEvents(
  stage: 'plan' | 'apply',
  log: BuildLogWriter,
  options: EngineRunOptions,
  isVerbose: boolean,
): OnEvent {
  return (event) => {
    const level = levelOf(event)
    if (isVerbose && 'elapsedMs' in event) log.write('debug', formatCall(event))
    if (level !== 'debug' || isVerbose)
      log.write(level, event.kind === 'log' ? `${event.address}: ${event.message}` : event.message)
    if (event.kind !== 'resource_done' && event.kind !== 'resource_failed') return
    const endedAt = Date.now()
    options.onTiming({
      stage,
      source: providerOf(event.address),
      action: event.action,
      resource: event.address,
      startedAt: endedAt - event.elapsedMs,
      endedAt,
    })
  }
}

function formatCall({ address, action, elapsedMs }: Extract<EngineEvent, { elapsedMs: number }>): string {
  return `provider ${providerOf(address)}: ${action} ${address} took ${elapsedMs.toFixed(1)} ms`
}

function levelOf(event: EngineEvent): 'debug' | 'info' | 'warn' | 'error' {
  if (event.kind === 'log') return event.level
  return event.kind === 'resource_failed' ? 'error' : 'info'
}

/** `host` for `module.a["x"].data.host_info.me`: by convention, types start with the provider name. */
function providerOf(address: string): string {
  const local = address.replace(/^(?:module\.[^.[]+(?:\[[^\]]*\])?\.)*(?:data\.)?/, '')
  return local.split(/[_.]/, 1)[0] ?? ''
}
