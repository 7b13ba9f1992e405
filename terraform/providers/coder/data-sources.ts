// Data sources of the `coder` provider with the build's context: workspace, owner, provisioner, external authentication, task.

import { randomUUID } from 'node:crypto'
import { arch, platform } from 'node:os'
import type { BlockSchema, DataSourceType, ProviderDiagnostic } from '../../provider.ts'
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
  texts,
  unorderedBlocks,
} from '../../provider-schema.ts'
import { textField, withFields } from '../../values/fields.ts'
import { listType, objectType, stringType } from '../../values/type.ts'
import { bool, int, list, nullOf, type ObjectValue, objectFrom, string, type Value } from '../../values/value.ts'
import type { CoderContext } from './context.ts'
import { parameterData } from './parameter.ts'

const role = objectType({ name: stringType, org_id: stringType })

function contextData(
  attributes: BlockSchema['attributes'],
  fieldsOf: (config: ObjectValue) => Readonly<Record<string, Value>>,
  nested: BlockSchema['blocks'] = noBlocks,
): DataSourceType {
  return {
    schema: { attributes: { id: optionalComputed(text), ...attributes }, blocks: nested },
    read: async (config) => ({ value: withFields(config, fieldsOf(config)) }),
  }
}

function workspaceData(context: CoderContext): DataSourceType {
  const { workspace, template, transition, accessUrl } = context
  return contextData(
    {
      id: computed(text),
      name: computed(text),
      transition: computed(text),
      start_count: computed(num),
      access_url: computed(text),
      access_port: computed(num),
      template_id: computed(text),
      template_name: computed(text),
      template_version: computed(text),
      is_prebuild: computed(flag),
      is_prebuild_claim: computed(flag),
      prebuild_count: computed(num),
    },
    () => ({
      id: string(workspace.id),
      name: string(workspace.name),
      transition: string(transition),
      start_count: int(transition === 'start' ? 1 : 0),
      access_url: string(accessUrl),
      access_port: int(portOf(accessUrl)),
      template_id: string(template.id),
      template_name: string(template.name),
      template_version: string(template.version),
      is_prebuild: bool(false),
      is_prebuild_claim: bool(false),
      prebuild_count: int(0),
    }),
  )
}

function portOf(url: string): number {
  const parsed = URL.parse(url)
  if (parsed?.port) return Number(parsed.port)
  return parsed?.protocol === 'https:' ? 443 : 80
}

function ownerData({ owner }: CoderContext): DataSourceType {
  return contextData(
    {
      id: computed(text),
      name: computed(text),
      full_name: computed(text),
      email: computed(text),
      groups: computed(texts),
      login_type: computed(text),
      rbac_roles: computed(listType(role)),
      session_token: sensitive(computed(text)),
      oidc_access_token: sensitive(computed(text)),
      ssh_public_key: computed(text),
      ssh_private_key: sensitive(computed(text)),
    },
    () => ({
      id: string(owner.id),
      name: string(owner.name),
      full_name: string(owner.fullName),
      email: string(owner.email),
      groups: list(stringType, owner.groups.map(string)),
      login_type: owner.loginType === '' ? nullOf(text) : string(owner.loginType),
      rbac_roles: list(
        role,
        owner.rbacRoles.map(({ name, orgId }) => objectFrom({ name: string(name), org_id: string(orgId) })),
      ),
      session_token: string(owner.sessionToken),
      oidc_access_token: string(owner.oidcAccessToken ?? ''),
      ssh_public_key: string(owner.sshPublicKey),
      ssh_private_key: string(owner.sshPrivateKey),
    }),
  )
}

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'armv7' }

function provisionerData(): DataSourceType {
  const system = platform() === 'win32' ? 'windows' : platform()
  const machine = architectures[arch()] ?? arch()
  return contextData({ os: computed(text), arch: computed(text) }, () => ({
    id: string(`${system}-${machine}`),
    os: string(system),
    arch: string(machine),
  }))
}

function externalAuthData({ externalAuth = {} }: CoderContext): DataSourceType {
  return {
    schema: {
      attributes: { id: required(text), optional: optional(flag), access_token: sensitive(computed(text)) },
      blocks: noBlocks,
    },
    async read(config) {
      const id = textField(config, 'id') ?? ''
      return {
        value: withFields(config, {
          access_token: string((Object.hasOwn(externalAuth, id) && externalAuth[id]) || ''),
        }),
      }
    },
  }
}

const tagsData = (): DataSourceType => contextData({ tags: optional(textMap) }, () => ({ id: string('tags') }))

function presetData(): DataSourceType {
  const schedule: BlockSchema = { attributes: { cron: required(text), instances: required(num) }, blocks: noBlocks }
  const scheduling: BlockSchema = {
    attributes: { timezone: required(text) },
    blocks: { schedule: blocks(schedule, { minItems: 1 }) },
  }
  const expiration: BlockSchema = { attributes: { ttl: required(num) }, blocks: noBlocks }
  const prebuilds: BlockSchema = {
    attributes: { instances: required(num) },
    blocks: {
      expiration_policy: unorderedBlocks(expiration, { maxItems: 1 }),
      scheduling: blocks(scheduling, { maxItems: 1 }),
    },
  }
  const preset = contextData(
    {
      id: computed(text),
      name: required(text),
      parameters: optional(textMap),
      default: optional(flag),
      description: optional(text),
      icon: optional(text),
    },
    (config) => ({ id: string(textField(config, 'name') ?? '') }),
    { prebuilds: unorderedBlocks(prebuilds, { maxItems: 1 }) },
  )
  return { ...preset, validate: requirePresetName }
}

function requirePresetName(config: ObjectValue): readonly ProviderDiagnostic[] {
  if (textField(config, 'name') !== '') return []
  return [
    { severity: 'error', summary: 'Invalid preset', detail: 'The name of a preset must not be empty.', path: ['name'] },
  ]
}

const taskData = ({ task }: CoderContext): DataSourceType =>
  contextData({ id: computed(text), prompt: computed(text), enabled: computed(flag) }, () => ({
    id: string(task?.id ?? randomUUID()),
    prompt: string(task?.prompt ?? ''),
    enabled: bool(task !== undefined),
  }))

function scriptOrderData(): DataSourceType {
  const rule: BlockSchema = {
    attributes: { run: required(texts), after: required(texts), requires: optional(text), phase: optional(text) },
    blocks: noBlocks,
  }
  return contextData({}, () => ({ id: string(randomUUID()) }), { rule: blocks(rule, { minItems: 1 }) })
}

export function dataSources(context: CoderContext): Readonly<Record<string, DataSourceType>> {
  return {
    coder_external_auth: externalAuthData(context),
    coder_parameter: parameterData(context),
    coder_provisioner: provisionerData(),
    coder_script_order: scriptOrderData(),
    coder_task: taskData(context),
    coder_workspace: workspaceData(context),
    coder_workspace_owner: ownerData(context),
    coder_workspace_preset: presetData(),
    coder_workspace_tags: tagsData(),
  }
}
