// `coder_agent`: the process that connects a workspace. Its id stays for the workspace's life. Its token is new in
// every build that starts the workspace, so that each build's agent has a credential of its own and the last build's
// ends with it; whatever holds the token is thereby changed and started anew.

import { randomUUID } from 'node:crypto'
import type { PlanOutcome, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { textField, withFields } from '../../values/fields.ts'
import { bool, int, type ObjectValue, string, type Value } from '../../values/value.ts'
import {
  blocks,
  computed,
  defaulted,
  flag,
  noBlocks,
  num,
  optional,
  required,
  sensitive,
  text,
  textMap,
  unorderedBlocks,
} from '../schema-words.ts'
import type { CoderContext } from './context.ts'
import { changeBlocks, schemaVersion, withDefaults } from './defaults.ts'

const displayApps = ['vscode', 'vscode_insiders', 'web_terminal', 'port_forwarding_helper', 'ssh_helper']

export const isAppShownByDefault = (name: string): boolean => name !== 'vscode_insiders'

const schema: ResourceType['schema'] = {
  attributes: {
    id: computed(text),
    token: sensitive(computed(text)),
    init_script: computed(text),
    os: required(text),
    arch: required(text),
    auth: defaulted(text),
    dir: optional(text),
    env: optional(textMap),
    startup_script: optional(text),
    startup_script_behavior: defaulted(text),
    shutdown_script: optional(text),
    connection_timeout: defaulted(num),
    motd_file: optional(text),
    troubleshooting_url: optional(text),
    order: optional(num),
    api_key_scope: defaulted(text),
  },
  blocks: {
    display_apps: unorderedBlocks(
      { attributes: Object.fromEntries(displayApps.map((name) => [name, defaulted(flag)])), blocks: noBlocks },
      { maxItems: 1 },
    ),
    metadata: blocks({
      attributes: {
        key: required(text),
        display_name: optional(text),
        script: required(text),
        interval: required(num),
        timeout: optional(num),
        order: optional(num),
      },
      blocks: noBlocks,
    }),
    resources_monitoring: unorderedBlocks(
      {
        attributes: {},
        blocks: {
          memory: unorderedBlocks(
            { attributes: { enabled: required(flag), threshold: required(num) }, blocks: noBlocks },
            { maxItems: 1 },
          ),
          volume: unorderedBlocks({
            attributes: { path: required(text), enabled: required(flag), threshold: required(num) },
            blocks: noBlocks,
          }),
        },
      },
      { maxItems: 1 },
    ),
  },
}

const defaults: Readonly<Record<string, Value>> = {
  auth: string('token'),
  startup_script_behavior: string('non-blocking'),
  connection_timeout: int(120),
  api_key_scope: string('all'),
}

const choices: Readonly<Record<string, readonly string[]>> = {
  auth: ['token', 'google-instance-identity', 'aws-instance-identity', 'azure-instance-identity'],
  os: ['linux', 'darwin', 'windows'],
  arch: ['amd64', 'armv7', 'arm64'],
  startup_script_behavior: ['blocking', 'non-blocking'],
  api_key_scope: ['all', 'no_user_data'],
}

export function agentResource(context: CoderContext): ResourceType {
  const initScript = (value: ObjectValue) =>
    string(context.agentInitScript(textField(value, 'os') ?? '', textField(value, 'arch') ?? ''))
  return {
    schema,
    schemaVersion,
    validate: validateChoices,
    plan: ({ proposed }): PlanOutcome => ({
      planned: complete(proposed),
    }),
    async read(current) {
      const refreshed = withFields(current, { init_script: initScript(current) })
      if (context.transition === 'stop') return { value: refreshed }
      return { value: withFields(refreshed, { token: string(randomUUID()) }) }
    },
    async create(planned) {
      const made = { id: string(randomUUID()), token: string(randomUUID()), init_script: initScript(planned) }
      return { value: withFields(complete(planned), made) }
    },
    async update(_prior, planned) {
      return { value: withFields(complete(planned), { init_script: initScript(planned) }) }
    },
    async delete() {
      return { value: null }
    },
  }
}

const appDefaults = Object.fromEntries(displayApps.map((name) => [name, bool(isAppShownByDefault(name))]))

const complete = (value: ObjectValue) =>
  changeBlocks(withDefaults(value, defaults), 'display_apps', (apps) => withDefaults(apps, appDefaults))

function validateChoices(config: ObjectValue): readonly ProviderDiagnostic[] {
  return Object.entries(choices).flatMap(([name, allowed]): ProviderDiagnostic[] => {
    const value = textField(config, name)
    if (value === undefined || allowed.includes(value)) return []
    const detail = `"${name}" must be one of: ${allowed.join(', ')}; it is "${value}".`
    return [{ severity: 'error', summary: 'Invalid agent setting', detail, path: [name] }]
  })
}

export const agentDisplayApps: readonly string[] = displayApps
