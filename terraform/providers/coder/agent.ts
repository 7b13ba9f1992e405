// `coder_agent`: the process that connects a workspace. It is immutable: any change replaces it. Every build that starts the
// workspace generates a new token. Each build's agent therefore has its own credential, the previous build's becomes invalid,
// and resources that contain the token change and restart.

import { randomUUID } from 'node:crypto'
import type { ProviderDiagnostic, ResourceType } from '../../provider.ts'
import {
  blocks,
  computed,
  flag,
  noBlocks,
  num,
  optional,
  optionalComputed,
  required,
  sensitive,
  text,
  textMap,
  unorderedBlocks,
  withDefault,
} from '../../provider-schema.ts'
import { blocksField, numberField, textField, withFields } from '../../values/fields.ts'
import {
  bool,
  int,
  type ObjectValue,
  objectFrom,
  set,
  string,
  typeOf,
  unknown,
  type Value,
} from '../../values/value.ts'
import type { CoderContext } from './context.ts'
import { changeBlocks, planReplacement, schemaVersion, withDefaults } from './defaults.ts'

const displayApps = ['vscode', 'vscode_insiders', 'ssh_helper', 'port_forwarding_helper', 'web_terminal']

export const isAppShownByDefault = (name: string): boolean => name !== 'vscode_insiders'

const schema: ResourceType['schema'] = {
  attributes: {
    id: optionalComputed(text),
    token: sensitive(computed(text)),
    init_script: computed(text),
    os: required(text),
    arch: required(text),
    auth: withDefault(text),
    dir: optional(text),
    env: optional(textMap),
    startup_script: optional(text),
    startup_script_behavior: withDefault(text),
    shutdown_script: optional(text),
    connection_timeout: withDefault(num),
    motd_file: optional(text),
    troubleshooting_url: optional(text),
    order: optional(num),
    api_key_scope: withDefault(text),
  },
  blocks: {
    display_apps: unorderedBlocks(
      { attributes: Object.fromEntries(displayApps.map((name) => [name, withDefault(flag)])), blocks: noBlocks },
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
    validate: (config) => [...validateChoices(config), ...validateMonitors(config)],
    plan: ({ prior, proposed }) => planReplacement(prior, planApps(complete(proposed), prior), schema),
    async read(current) {
      const refreshed = withFields(current, { init_script: initScript(current) })
      if (context.transition === 'stop') return { value: refreshed }
      return { value: withFields(refreshed, { token: string(randomUUID()) }) }
    },
    async create(planned) {
      const created = { id: string(randomUUID()), token: string(randomUUID()), init_script: initScript(planned) }
      return { value: withFields(completeCreated(planned), created) }
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

/** Without a `display_apps` block, the provider's choice is preserved. */
function planApps(value: ObjectValue, prior: ObjectValue | null): ObjectValue {
  const apps = value.entries.get('display_apps')
  if (apps?.kind !== 'set' || apps.elements.length > 0) return value
  return withFields(value, { display_apps: prior?.entries.get('display_apps') ?? unknown(typeOf(apps)) })
}

const metadataZeros: Readonly<Record<string, Value>> = { display_name: string(''), order: int(0), timeout: int(0) }

/** Fills in the values that are unknown until the agent is created. */
function completeCreated(planned: ObjectValue): ObjectValue {
  const apps = planned.entries.get('display_apps')
  const isUnknown = apps?.kind === 'unknown' && apps.type.kind === 'set'
  const type = isUnknown && apps.type.kind === 'set' ? apps.type.element : undefined
  const value = type ? withFields(planned, { display_apps: set(type, [objectFrom(appDefaults)]) }) : planned
  return changeBlocks(value, 'metadata', (block) => withDefaults(block, metadataZeros))
}

function validateChoices(config: ObjectValue): readonly ProviderDiagnostic[] {
  return Object.entries(choices).flatMap(([name, allowed]): ProviderDiagnostic[] => {
    const value = textField(config, name)
    if (value === undefined || allowed.includes(value)) return []
    const detail = `"${name}" must be one of: ${allowed.join(', ')}; it is "${value}".`
    return [{ severity: 'error', summary: 'Invalid agent setting', detail, path: [name] }]
  })
}

function validateMonitors(config: ObjectValue): readonly ProviderDiagnostic[] {
  const monitors = blocksField(config, 'resources_monitoring')
  const [memory, volumes] = ['memory', 'volume'].map((kind) => monitors.flatMap((block) => blocksField(block, kind)))
  const path = ['resources_monitoring']
  const problem = (detail: string): ProviderDiagnostic => ({
    severity: 'error',
    summary: 'Invalid resource monitor',
    detail,
    path,
  })
  const thresholds = [...(memory ?? []), ...(volumes ?? [])].flatMap((block) => numberField(block, 'threshold') ?? [])
  const paths = (volumes ?? []).flatMap((block) => textField(block, 'path') ?? [])
  const duplicate = paths.find((volumePath, at) => paths.indexOf(volumePath) !== at)
  return [
    ...thresholds
      .filter((threshold) => threshold < 0 || threshold > 100)
      .map((threshold) => problem(`"threshold" must be a percentage from 0 to 100; it is ${threshold}.`)),
    ...(duplicate === undefined
      ? []
      : [problem(`The volume "${duplicate}" is monitored twice. Remove one of the blocks.`)]),
    ...paths
      .filter((volumePath) => !/^[/~]|^[A-Za-z]:/.test(volumePath))
      .map((volumePath) =>
        problem(`The "path" of a volume must be absolute or begin with "~"; it is "${volumePath}".`),
      ),
  ]
}

export const agentDisplayApps: readonly string[] = displayApps
