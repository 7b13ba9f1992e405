// Resources of the `coder` provider that only say something: apps, scripts, environment, metadata. They have an id and
// keep what the template says.

import { randomUUID } from 'node:crypto'
import type { BlockSchema, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import { blocksField, boolField, numberField, textField, withFields } from '../../values/fields.ts'
import { bool, int, type ObjectValue, string, type Value } from '../../values/value.ts'
import {
  blocks,
  computed,
  defaulted,
  flag,
  noBlocks,
  num,
  optional,
  replacing,
  required,
  text,
  unorderedBlocks,
} from '../schema-words.ts'
import { changeBlocks, schemaVersion, withDefaults } from './defaults.ts'

interface Description {
  readonly attributes: BlockSchema['attributes']
  readonly blocks?: BlockSchema['blocks']
  readonly defaults?: Readonly<Record<string, Value>>
  /** Fills in what nested blocks leave out. */
  completeBlocks?(value: ObjectValue): ObjectValue
  validate?(config: ObjectValue): readonly ProviderDiagnostic[]
  /** What only shows when it is to be made. */
  refuse?(value: ObjectValue): readonly ProviderDiagnostic[]
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
    refuse,
    made = () => ({}),
  } = description
  const complete = (value: ObjectValue) => completeBlocks(withDefaults(value, defaults))
  return {
    schema: { attributes: { id: computed(text), ...attributes }, blocks: nested },
    schemaVersion,
    ...(validate && { validate }),
    plan: ({ proposed }) => ({ planned: complete(proposed) }),
    read: async (current) => ({ value: current }),
    async create(planned) {
      const value = complete(planned)
      const diagnostics = refuse?.(value) ?? []
      if (diagnostics.length > 0) return { value: null, diagnostics }
      return { value: withFields(value, { ...made(), id: string(randomUUID()) }) }
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
  if (textField(config, 'url') !== undefined && textField(config, 'command') !== undefined) {
    found.push(problem('Invalid app', 'An app has either "url" or "command", not both.', 'command'))
  }
  return found
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

function refuseIdleScript(value: ObjectValue): readonly ProviderDiagnostic[] {
  const hasOccasion = boolField(value, 'run_on_start') || boolField(value, 'run_on_stop') || textField(value, 'cron')
  if (hasOccasion) return []
  return [problem('Script without an occasion', 'Nothing ever runs it. Set "run_on_start", "run_on_stop" or "cron".')]
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
    attributes: { agent_id: replacing(required(text)), instance_id: replacing(required(text)) },
  }),
  coder_ai_task: describing({
    attributes: {
      app_id: replacing(defaulted(text)),
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
      agent_id: replacing(required(text)),
      slug: replacing(required(text)),
      url: optional(text),
      command: optional(text),
      display_name: optional(text),
      icon: optional(text),
      external: defaulted(flag),
      subdomain: optional(flag),
      share: defaulted(text),
      group: optional(text),
      order: optional(num),
      hidden: defaulted(flag),
      open_in: defaulted(text),
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
      agent_id: replacing(required(text)),
      workspace_folder: replacing(required(text)),
      config_path: replacing(optional(text)),
      subagent_id: computed(text),
    },
    made: () => ({ subagent_id: string(randomUUID()) }),
  }),
  coder_env: describing({
    attributes: {
      agent_id: replacing(required(text)),
      name: replacing(required(text)),
      value: optional(text),
      merge_strategy: defaulted(text),
    },
    defaults: { merge_strategy: string('replace') },
    validate: (config) => oneOf(config, 'merge_strategy', ['replace', 'append', 'prepend', 'error']),
  }),
  coder_external_agent: describing({ attributes: { agent_id: replacing(required(text)) } }),
  coder_metadata: describing({
    attributes: {
      resource_id: replacing(required(text)),
      hide: optional(flag),
      icon: optional(text),
      daily_cost: optional(num),
    },
    blocks: {
      item: blocks({
        attributes: {
          key: required(text),
          value: optional(text),
          sensitive: defaulted(flag),
          is_null: computed(flag),
        },
        blocks: noBlocks,
      }),
    },
    completeBlocks: (value) =>
      changeBlocks(value, 'item', (item) => {
        const isNull = bool(item.entries.get('value')?.kind === 'null')
        return withFields(withDefaults(item, { sensitive: bool(false) }), { is_null: isNull })
      }),
  }),
  coder_script: describing({
    attributes: {
      agent_id: replacing(required(text)),
      display_name: required(text),
      script: required(text),
      icon: optional(text),
      cron: optional(text),
      run_on_start: defaulted(flag),
      run_on_stop: defaulted(flag),
      start_blocks_login: defaulted(flag),
      timeout: defaulted(num),
      log_path: optional(text),
    },
    defaults: {
      run_on_start: bool(false),
      run_on_stop: bool(false),
      start_blocks_login: bool(false),
      timeout: int(0),
    },
    validate: validateScript,
    refuse: refuseIdleScript,
  }),
}
