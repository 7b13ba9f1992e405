// Declarative resources of the `coder` provider: apps, scripts, environment, metadata. They store their arguments and an id.

import { randomUUID } from 'node:crypto'
import { CronError, parseScriptSchedule } from '../../../lib/cron-schedule.ts'
import type { BlockSchema, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import {
  blocks,
  computed,
  flag,
  forceNew,
  noBlocks,
  num,
  optional,
  optionalComputed,
  required,
  text,
  unorderedBlocks,
  withDefault,
} from '../../provider-schema.ts'
import { blocksField, boolField, numberField, textField, withFields } from '../../values/fields.ts'
import { bool, int, type ObjectValue, string, type Value } from '../../values/value.ts'
import { changeBlocks, planReplacement, schemaVersion, withDefaults } from './defaults.ts'

interface Declaration {
  readonly attributes: BlockSchema['attributes']
  readonly blocks?: BlockSchema['blocks']
  readonly defaults?: Readonly<Record<string, Value>>
  /** Fills in the defaults of nested blocks. */
  completeBlocks?(value: ObjectValue): ObjectValue
  validate?(config: ObjectValue): readonly ProviderDiagnostic[]
  readonly version?: number
  /** Fills in the values that are unknown until creation. */
  completeCreated?(value: ObjectValue): ObjectValue
  /** Validates at creation, when all values are known. */
  checkCreated?(value: ObjectValue): readonly ProviderDiagnostic[]
  /** Computed attributes other than the id. */
  computedFields?(): Readonly<Record<string, Value>>
}

function declarativeResource(declaration: Declaration): ResourceType {
  const {
    attributes,
    blocks: nested = noBlocks,
    defaults = {},
    completeBlocks = (value) => value,
    validate,
    computedFields = () => ({}),
    completeCreated = (value) => value,
    checkCreated = () => [],
    version = schemaVersion,
  } = declaration
  const complete = (value: ObjectValue) => completeBlocks(withDefaults(value, defaults))
  const schema: BlockSchema = { attributes: { id: optionalComputed(text), ...attributes }, blocks: nested }
  return {
    schema,
    schemaVersion: version,
    ...(validate && { validate }),
    plan: ({ prior, proposed }) => planReplacement(prior, complete(proposed), schema),
    read: async (current) => ({ value: current }),
    create: async (planned) => {
      const value = withFields(completeCreated(complete(planned)), { ...computedFields(), id: string(randomUUID()) })
      return { value, diagnostics: checkCreated(value) }
    },
    update: async (_prior, planned) => ({ value: complete(planned) }),
    delete: async () => ({ value: null }),
  }
}

const problem = (summary: string, detail: string, ...path: (string | number)[]): ProviderDiagnostic => ({
  severity: 'error',
  summary,
  detail,
  path,
})

function oneOf(config: ObjectValue, name: string, allowed: readonly string[]): ProviderDiagnostic[] {
  const value = textField(config, name)
  if (value === undefined || allowed.includes(value)) return []
  return [problem('Invalid value', `"${name}" must be one of: ${allowed.join(', ')}; it is "${value}".`, name)]
}

// A host name label, because an app's slug becomes part of one.
const slugPattern = /^[a-z0-9](?:-?[a-z0-9])*$/

const isSet = (config: ObjectValue, name: string) => (config.entries.get(name)?.kind ?? 'null') !== 'null'

/** Conflicting arguments of an app; each is reported at both arguments, as in the real provider. */
const conflicts: readonly (readonly [string, string])[] = [
  ['command', 'url'],
  ['url', 'command'],
  ['command', 'subdomain'],
  ['command', 'external'],
  ['external', 'command'],
  ['external', 'subdomain'],
  ['external', 'healthcheck'],
]

function findConflicts(config: ObjectValue): ProviderDiagnostic[] {
  const hasValue = (name: string) =>
    isSet(config, name) && (name !== 'healthcheck' || blocksField(config, name).length > 0)
  return conflicts
    .filter(([name, other]) => hasValue(name) && hasValue(other))
    .map(([name, other]) =>
      problem('Conflicting configuration arguments', `An app has either "${name}" or "${other}", not both.`, name),
    )
}

/** Warns about display arguments of a hidden app. */
function warnHidden(config: ObjectValue): ProviderDiagnostic[] {
  if (!boolField(config, 'hidden')) return []
  return ['display_name', 'icon', 'order']
    .filter((name) => isSet(config, name))
    .map((name) => ({
      severity: 'warning',
      summary: `A hidden app has "${name}"`,
      detail: 'A hidden app is not shown, so this has no effect.',
    }))
}

function validateApp(config: ObjectValue): readonly ProviderDiagnostic[] {
  const slug = textField(config, 'slug')
  const found = [
    ...oneOf(config, 'share', ['owner', 'authenticated', 'organization', 'public']),
    ...oneOf(config, 'open_in', ['slim-window', 'tab', 'window']),
  ]
  if (slug !== undefined && (!slugPattern.test(slug) || slug.length > 32)) {
    found.push(
      problem(
        'Invalid app slug',
        `The slug must have at most 32 lowercase letters, digits and single hyphens between them; it is "${slug}".`,
        'slug',
      ),
    )
  }
  return [...found, ...findConflicts(config), ...warnHidden(config)]
}

const variableName = /^[A-Za-z_]\w*$/

function validateEnv(config: ObjectValue): readonly ProviderDiagnostic[] {
  const name = textField(config, 'name')
  const found = oneOf(config, 'merge_strategy', ['replace', 'append', 'prepend', 'error'])
  if (name === undefined || variableName.test(name)) return found
  const detail = `The name of an environment variable must have letters, digits and underscores, without a leading digit; it is "${name}".`
  return [...found, problem('Invalid name', detail, 'name')]
}

function validateMetadata(config: ObjectValue): readonly ProviderDiagnostic[] {
  const keys = new Set<string>()
  return blocksField(config, 'item').flatMap((item) => {
    const key = textField(item, 'key')
    const isDuplicate = key !== undefined && keys.has(key)
    if (key !== undefined) keys.add(key)
    return isDuplicate ? [problem('Duplicate key', `Two items have the key "${key}".`)] : []
  })
}

/** Checked at creation: the values may be unknown before. */
function checkScript(value: ObjectValue): readonly ProviderDiagnostic[] {
  const runsOnStart = boolField(value, 'run_on_start')
  if (boolField(value, 'start_blocks_login') && !runsOnStart)
    return [problem('Invalid script', '"start_blocks_login" requires "run_on_start".')]
  if (runsOnStart || boolField(value, 'run_on_stop') || textField(value, 'cron')) return []
  return [problem('Script never runs', 'Set "run_on_start", "run_on_stop" or "cron".')]
}

function validateScript(config: ObjectValue): readonly ProviderDiagnostic[] {
  const cron = textField(config, 'cron')
  const timeout = numberField(config, 'timeout') ?? 0
  const found: ProviderDiagnostic[] = []
  if (cron) {
    try {
      parseScriptSchedule(cron)
    } catch (error) {
      if (!(error instanceof CronError)) throw error
      found.push(problem('Invalid cron expression', `The schedule ${error.message}`, 'cron'))
    }
  }
  if (timeout < 0)
    found.push(problem('Invalid timeout', 'The timeout must not be negative; 0 means no limit.', 'timeout'))
  return found
}

/** Old templates name the app in a `sidebar_app` block instead of `app_id`. The prompt is only set for a task's build. */
function completeTask(value: ObjectValue): ObjectValue {
  const [sidebar] = blocksField(value, 'sidebar_app')
  const id = sidebar?.entries.get('id')
  const isUnknown = value.entries.get('app_id')?.kind === 'unknown'
  return withFields(value, { ...(id && isUnknown && { app_id: id }), prompt: string(''), enabled: bool(false) })
}

function validateTask(config: ObjectValue): readonly ProviderDiagnostic[] {
  const app = config.entries.get('app_id')
  const sidebars = config.entries.get('sidebar_app')
  const hasApp = app !== undefined && app.kind !== 'null'
  const hasSidebar = sidebars?.kind === 'unknown' || blocksField(config, 'sidebar_app').length > 0
  if (hasApp && hasSidebar)
    return [
      problem(
        'Conflicting configuration arguments',
        'A task has either "app_id" or a "sidebar_app" block, not both.',
        'app_id',
      ),
    ]
  if (!hasApp && !hasSidebar)
    return [problem('Missing required argument', 'A task requires "app_id", the app that shows it.')]
  return []
}

export const simpleResources: Readonly<Record<string, ResourceType>> = {
  coder_agent_instance: declarativeResource({
    attributes: { agent_id: forceNew(required(text)), instance_id: forceNew(required(text)) },
    version: 0,
  }),
  coder_ai_task: declarativeResource({
    attributes: {
      id: computed(text),
      app_id: forceNew(optionalComputed(text)),
      prompt: computed(text),
      enabled: computed(flag),
    },
    blocks: {
      sidebar_app: unorderedBlocks({ attributes: { id: required(text) }, blocks: noBlocks }, { maxItems: 1 }),
    },
    completeBlocks: completeTask,
    validate: validateTask,
  }),
  coder_app: declarativeResource({
    attributes: {
      agent_id: forceNew(required(text)),
      slug: forceNew(required(text)),
      url: optional(text),
      command: optional(text),
      display_name: optional(text),
      icon: optional(text),
      external: withDefault(flag),
      subdomain: optional(flag),
      share: withDefault(text),
      group: optional(text),
      order: optional(num),
      hidden: withDefault(flag),
      open_in: withDefault(text),
      tooltip: optional(text),
    },
    blocks: {
      healthcheck: unorderedBlocks(
        { attributes: { url: required(text), interval: required(num), threshold: required(num) }, blocks: noBlocks },
        { maxItems: 1 },
      ),
    },
    defaults: {
      external: bool(false),
      share: string('owner'),
      hidden: bool(false),
      open_in: string('slim-window'),
    },
    validate: validateApp,
  }),
  coder_devcontainer: declarativeResource({
    attributes: {
      agent_id: forceNew(required(text)),
      workspace_folder: forceNew(required(text)),
      config_path: forceNew(optional(text)),
      subagent_id: computed(text),
    },
    computedFields: () => ({ subagent_id: string(randomUUID()) }),
  }),
  coder_env: declarativeResource({
    attributes: {
      agent_id: forceNew(required(text)),
      name: forceNew(required(text)),
      value: optional(text),
      merge_strategy: withDefault(text),
    },
    defaults: { merge_strategy: string('replace') },
    validate: validateEnv,
  }),
  coder_external_agent: declarativeResource({ attributes: { agent_id: forceNew(required(text)) } }),
  coder_metadata: declarativeResource({
    attributes: {
      resource_id: forceNew(required(text)),
      hide: optional(flag),
      icon: optional(text),
      daily_cost: optional(num),
    },
    blocks: {
      item: blocks({
        attributes: {
          key: required(text),
          value: optional(text),
          sensitive: withDefault(flag),
          is_null: computed(flag),
        },
        blocks: noBlocks,
      }),
    },
    completeBlocks: (value) =>
      changeBlocks(value, 'item', (item) => {
        return withDefaults(item, { sensitive: bool(false) })
      }),
    completeCreated: (value) =>
      changeBlocks(value, 'item', (item) => {
        const isNull = item.entries.get('value')?.kind === 'null'
        return withFields(item, { is_null: bool(isNull), ...(isNull && { value: string('') }) })
      }),
    validate: validateMetadata,
  }),
  coder_script: declarativeResource({
    attributes: {
      agent_id: forceNew(required(text)),
      display_name: required(text),
      script: required(text),
      icon: optional(text),
      cron: optional(text),
      run_on_start: withDefault(flag),
      run_on_stop: withDefault(flag),
      start_blocks_login: withDefault(flag),
      timeout: withDefault(num),
      log_path: optional(text),
    },
    defaults: {
      run_on_start: bool(false),
      run_on_stop: bool(false),
      start_blocks_login: bool(false),
      timeout: int(0),
    },
    validate: validateScript,
    checkCreated: checkScript,
  }),
}
