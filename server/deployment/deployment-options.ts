// Settings as a list with names, descriptions and sources, in Coder's format, for settings pages.

import type { DeploymentOption } from '../../api/deployment/deployment.ts'
import { type Config, type SettingInput, type SettingName, settings } from '../config.ts'
import { formatDuration, parseDuration } from '../settings/durations.ts'
import { fixedOptions } from '../settings/fixed-options.ts'
import { type Setting, type SettingGroup, settingGroups } from '../settings/setting.ts'

export function deploymentOptions(config: Config): DeploymentOption[] {
  const ours = (Object.keys(settings) as SettingName[]).map((name) => {
    const setting: Setting = settings[name]
    const { text, source } = config.inputs[name]
    return toOption(setting, text, source)
  })
  return [...ours, ...fixedOptions.map((option) => toOption(option, option.default, 'default'))]
}

function toOption(setting: Setting, text: string, source: SettingInput['source']): DeploymentOption {
  const { name, help, flag, env, yaml, group, type, isSecret, isHidden } = setting
  // Go's zero values mean that no value is set.
  const hasDefault = !isSecret && setting.default !== '' && !(type.kind === 'flag' && setting.default === 'false')
  const annotations = toAnnotations(setting)
  return {
    name,
    description: help,
    flag,
    env,
    ...(yaml && { yaml }),
    ...(hasDefault && { default: toDefault(setting) }),
    ...(!isSecret && { value: typedValue(setting, text) }),
    ...((source !== 'default' || hasDefault) && { value_source: source }),
    ...(group !== 'deployment' && { group: toGroup(group) }),
    ...(isHidden && { hidden: true }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}

/** Formatted as by Coder; in days when the setting is in days. */
function toDefault({ type, default: text }: Setting): string {
  const isPrinted = type.kind === 'duration' && text !== '0' && !text.endsWith('d')
  return isPrinted ? formatDuration(parseDuration(text) ?? 0) : text
}

/** Annotations for settings pages: format and audience. */
function toAnnotations(setting: Setting): Readonly<Record<string, string>> {
  return {
    ...(setting.isSecret && { secret: 'true' }),
    ...(setting.type.kind === 'duration' && { format_duration: 'true' }),
    ...(setting.appliesToProxies && { external_workspace_proxies: 'true' }),
    ...(setting.isEnterprise && { enterprise: 'true' }),
  }
}

function toGroup(id: SettingGroup): NonNullable<DeploymentOption['group']> {
  const { name, yaml, parent } = settingGroups[id]
  return { name, yaml, ...(parent ? { parent: toGroup(parent) } : {}) }
}

/** With Coder's types. */
function typedValue({ type: { kind } }: Setting, text: string): unknown {
  if (kind === 'flag') return /^(true|1|t)$/i.test(text)
  if (kind === 'count') return Number(text)
  if (kind === 'list') return text ? text.split(',') : null
  return kind === 'duration' ? (parseDuration(text) ?? 0) * 1e6 : text
}
