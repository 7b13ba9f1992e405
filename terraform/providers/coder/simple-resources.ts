// Resources of the `coder` provider that only say something: apps, scripts, environment, metadata. They have an id and
// keep what the template says.

import { randomUUID } from 'node:crypto'
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

interface Description {
  readonly attributes: BlockSchema['attributes']
  readonly blocks?: BlockSchema['blocks']
  readonly defaults?: Readonly<Record<string, Value>>
  /** Fills in what nested blocks leave out. */
  completeBlocks?(value: ObjectValue): ObjectValue
  validate?(config: ObjectValue): readonly ProviderDiagnostic[]
  readonly version?: number
  /** Fills in what is left open until it is made. */
  completeMade?(value: ObjectValue): ObjectValue
  /** What is wrong with it, told only when it is made. */
  checkMade?(value: ObjectValue): readonly ProviderDiagnostic[]
  /** What is known once it is made, beside the id. */
  made?(): Readonly<Record<string, Value>>
}

function describing(description: Description): ResourceType {
  const {
    attributes,
    blocks: nested = noBlocks,
    defaults = {},
    completeBlocks = (value) => value,
    validate,
    made = () => ({}),
    completeMade = (value) => value,
    checkMade = () => [],
    version = schemaVersion,
  } = description
  const complete = (value: ObjectValue) => completeBlocks(withDefaults(value, defaults))
  const schema: BlockSchema = { attributes: { id: optionalComputed(text), ...attributes }, blocks: nested }
  return {
    schema,
    schemaVersion: version,
    ...(validate && { validate }),
    plan: ({ prior, proposed }) => planReplacement(prior, complete(proposed), schema),
    read: async (current) => ({ value: current }),
    create: async (planned) => {
      const value = withFields(completeMade(complete(planned)), { ...made(), id: string(randomUUID()) })
      return { value, diagnostics: checkMade(value) }
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

// As in a host name, since an app's slug becomes part of one.
const slugPattern = /^[a-z0-9](?:-?[a-z0-9])*$/

const isSet = (config: ObjectValue, name: string) => (config.entries.get(name)?.kind ?? 'null') !== 'null'

/** Of an app; each is told at every argument that does not go with another. */
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

/** What is not shown needs nothing to be shown with. */
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
        `"${slug}" must be lower-case letters and digits with single hyphens between them, 32 characters at most.`,
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
  const detail = `"${name}" can not be the name of an environment variable: letters, digits and underscores, no digit first.`
  return [...found, problem('Invalid name', detail, 'name')]
}

function validateMetadata(config: ObjectValue): readonly ProviderDiagnostic[] {
  const seen = new Set<string>()
  return blocksField(config, 'item').flatMap((item) => {
    const key = textField(item, 'key')
    const isTwice = key !== undefined && seen.has(key)
    if (key !== undefined) seen.add(key)
    return isTwice ? [problem('Duplicate key', `Two items have the key "${key}".`)] : []
  })
}

/** When it runs may depend on what is only known then. */
function checkScript(value: ObjectValue): readonly ProviderDiagnostic[] {
  const runsOnStart = boolField(value, 'run_on_start')
  if (boolField(value, 'start_blocks_login') && !runsOnStart)
    return [problem('Invalid script', '"start_blocks_login" goes with "run_on_start" only.')]
  if (runsOnStart || boolField(value, 'run_on_stop') || textField(value, 'cron')) return []
  return [problem('Script without an occasion', 'Nothing ever runs it. Set "run_on_start", "run_on_stop" or "cron".')]
}

function validateScript(config: ObjectValue): readonly ProviderDiagnostic[] {
  const cron = textField(config, 'cron')
  const timeout = numberField(config, 'timeout') ?? 0
  const found: ProviderDiagnostic[] = []
  if (cron && cron.trim().split(/\s+/).length !== 6) {
    found.push(
      problem(
        'Invalid cron expression',
        'It needs six fields: second, minute, hour, day of month, month, day of week.',
        'cron',
      ),
    )
  }
  if (timeout < 0) found.push(problem('Invalid timeout', 'It must not be negative; 0 means no limit.', 'timeout'))
  return found
}

/** The app is named by `app_id`, or as in old templates by a block. A build that is no task's has no prompt. */
function completeTask(value: ObjectValue): ObjectValue {
  const [sidebar] = blocksField(value, 'sidebar_app')
  const id = sidebar?.entries.get('id')
  const isOpen = value.entries.get('app_id')?.kind === 'unknown'
  return withFields(value, { ...(id && isOpen && { app_id: id }), prompt: string(''), enabled: bool(false) })
}

function validateTask(config: ObjectValue): readonly ProviderDiagnostic[] {
  const app = config.entries.get('app_id')
  const sidebars = config.entries.get('sidebar_app')
  const hasApp = app !== undefined && app.kind !== 'null'
  const hasSidebar = sidebars?.kind === 'unknown' || blocksField(config, 'sidebar_app').length > 0
  if (hasApp && hasSidebar)
    return [
      problem('Conflicting configuration arguments', 'A task has either "app_id" or a block "sidebar_app".', 'app_id'),
    ]
  if (!hasApp && !hasSidebar)
    return [problem('Missing required argument', 'A task needs "app_id", the app that shows it.')]
  return []
}

export const simpleResources: Readonly<Record<string, ResourceType>> = {
  coder_agent_instance: describing({
    attributes: { agent_id: forceNew(required(text)), instance_id: forceNew(required(text)) },
    version: 0,
  }),
  coder_ai_task: describing({
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
  coder_app: describing({
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
  coder_devcontainer: describing({
    attributes: {
      agent_id: forceNew(required(text)),
      workspace_folder: forceNew(required(text)),
      config_path: forceNew(optional(text)),
      subagent_id: computed(text),
    },
    made: () => ({ subagent_id: string(randomUUID()) }),
  }),
  coder_env: describing({
    attributes: {
      agent_id: forceNew(required(text)),
      name: forceNew(required(text)),
      value: optional(text),
      merge_strategy: withDefault(text),
    },
    defaults: { merge_strategy: string('replace') },
    validate: validateEnv,
  }),
  coder_external_agent: describing({ attributes: { agent_id: forceNew(required(text)) } }),
  coder_metadata: describing({
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
    completeMade: (value) =>
      changeBlocks(value, 'item', (item) => {
        const isNull = item.entries.get('value')?.kind === 'null'
        return withFields(item, { is_null: bool(isNull), ...(isNull && { value: string('') }) })
      }),
    validate: validateMetadata,
  }),
  coder_script: describing({
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
    checkMade: checkScript,
  }),
}
