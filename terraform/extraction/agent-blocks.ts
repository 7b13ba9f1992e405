// Converts agent, app and script blocks to coderd's model, with defaults.

import { agentDisplayApps, isAppShownByDefault } from '../providers/coder/agent.ts'
import { blocksField, boolField, numberField, textField } from '../values/fields.ts'
import type { ObjectValue } from '../values/value.ts'
import type { ExtractedApp, ExtractedMonitor, ExtractedScript } from './extracted-types.ts'

export function toMonitors(agent: ObjectValue): ExtractedMonitor[] {
  const [monitoring] = blocksField(agent, 'resources_monitoring')
  if (!monitoring) return []
  return (['memory', 'volume'] as const).flatMap((kind) =>
    blocksField(monitoring, kind).map((block) => ({
      kind,
      path: textField(block, 'path') ?? '',
      isEnabled: boolField(block, 'enabled') ?? false,
      thresholdPercent: Math.round(numberField(block, 'threshold') ?? 0),
    })),
  )
}

export function toDisplayApps(agent: ObjectValue): string[] {
  const [configured] = blocksField(agent, 'display_apps')
  return agentDisplayApps.filter((name) => (configured && boolField(configured, name)) ?? isAppShownByDefault(name))
}

export function toApp(app: ObjectValue): ExtractedApp {
  const [check] = blocksField(app, 'healthcheck')
  const slug = textField(app, 'slug') ?? ''
  return {
    slug,
    displayName: textField(app, 'display_name') ?? slug,
    icon: textField(app, 'icon') ?? '',
    url: textField(app, 'url') ?? '',
    command: textField(app, 'command') ?? '',
    external: boolField(app, 'external') ?? false,
    subdomain: boolField(app, 'subdomain') ?? false,
    sharingLevel: (textField(app, 'share') ?? 'owner') as ExtractedApp['sharingLevel'],
    group: textField(app, 'group') ?? '',
    order: numberField(app, 'order') ?? 0,
    hidden: boolField(app, 'hidden') ?? false,
    openIn: textField(app, 'open_in') === 'tab' ? 'tab' : 'slim-window',
    tooltip: textField(app, 'tooltip') ?? '',
    healthcheck: check
      ? {
          url: textField(check, 'url') ?? '',
          intervalSeconds: numberField(check, 'interval') ?? 0,
          threshold: numberField(check, 'threshold') ?? 0,
        }
      : null,
  }
}

export function toScript(script: ObjectValue): ExtractedScript {
  return {
    displayName: textField(script, 'display_name') ?? '',
    icon: textField(script, 'icon') ?? '',
    script: textField(script, 'script') ?? '',
    cron: textField(script, 'cron') ?? '',
    runOnStart: boolField(script, 'run_on_start') ?? false,
    runOnStop: boolField(script, 'run_on_stop') ?? false,
    startBlocksLogin: boolField(script, 'start_blocks_login') ?? false,
    timeoutSeconds: numberField(script, 'timeout') ?? 0,
    logPath: textField(script, 'log_path') ?? '',
  }
}

/** The startup and shutdown scripts of the agent block. */
export function toAgentScripts(agent: ObjectValue): ExtractedScript[] {
  const startup = textField(agent, 'startup_script')
  const shutdown = textField(agent, 'shutdown_script')
  const blocking = textField(agent, 'startup_script_behavior') === 'blocking'
  const base = {
    icon: '/emojis/25b6.png',
    cron: '',
    runOnStart: false,
    runOnStop: false,
    startBlocksLogin: false,
    timeoutSeconds: 0,
  }
  return [
    ...(startup
      ? [
          {
            ...base,
            displayName: 'Startup Script',
            script: startup,
            runOnStart: true,
            startBlocksLogin: blocking,
            logPath: 'coder-startup-script.log',
          },
        ]
      : []),
    ...(shutdown
      ? [
          {
            ...base,
            displayName: 'Shutdown Script',
            script: shutdown,
            runOnStop: true,
            logPath: 'coder-shutdown-script.log',
          },
        ]
      : []),
  ]
}
