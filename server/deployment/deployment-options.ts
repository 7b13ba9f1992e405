// The settings as a list with names, words and sources, in Coder's form: what pages of settings show.

import type { DeploymentOption } from '../../api/deployment/deployment.ts'
import { type Config, type SettingName, type SettingText, settings } from '../config.ts'
import { durationMsOf, printDuration } from '../settings/durations.ts'
import { fixedOptions } from '../settings/fixed-options.ts'
import { type Setting, type SettingGroup, settingGroups } from '../settings/setting.ts'

export function deploymentOptions(config: Config): DeploymentOption[] {
  const ours = (Object.keys(settings) as SettingName[]).map((name) => {
    const setting: Setting = settings[name]
    const { text, from } = config.texts[name]
    return toOption(setting, text, from)
  })
  return [...ours, ...fixedOptions.map((option) => toOption(option, option.fallback, 'default'))]
}

function toOption(setting: Setting, text: string, from: SettingText['from']): DeploymentOption {
  const { name, help, flag, env, yaml, group, kind, fallback, isSecret, isHidden } = setting
  // Go's zero values are none.
  const hasDefault = !isSecret && fallback !== '' && !(kind === 'flag' && fallback === 'false')
  const annotations = toAnnotations(setting)
  return {
    name,
    description: help,
    flag,
    env,
    ...(yaml && { yaml }),
    ...(hasDefault && { default: toDefault(setting) }),
    ...(!isSecret && { value: typedValue(setting, text) }),
    ...((from !== 'default' || hasDefault) && { value_source: from }),
    ...(group !== 'deployment' && { group: toGroup(group) }),
    ...(isHidden && { hidden: true }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  }
}

/** As Coder prints them: days where they were written. */
function toDefault({ kind, fallback }: Setting): string {
  const isPrinted = kind === 'duration' && fallback !== '0' && !fallback.endsWith('d')
  return isPrinted ? printDuration(durationMsOf(fallback) ?? 0) : fallback
}

/** How pages show the value, and for whom it is. */
function toAnnotations(setting: Setting): Readonly<Record<string, string>> {
  return {
    ...(setting.isSecret && { secret: 'true' }),
    ...(setting.kind === 'duration' && { format_duration: 'true' }),
    ...(setting.isOfProxies && { external_workspace_proxies: 'true' }),
    ...(setting.isOfEnterprise && { enterprise: 'true' }),
  }
}

function toGroup(id: SettingGroup): NonNullable<DeploymentOption['group']> {
  const { name, yaml, parent } = settingGroups[id]
  return { name, yaml, ...(parent ? { parent: toGroup(parent) } : {}) }
}

/** Typed as in Coder's own values. */
function typedValue({ kind }: Setting, text: string): unknown {
  if (kind === 'flag') return /^(true|1|t)$/i.test(text)
  if (kind === 'count') return Number(text)
  if (kind === 'list') return text ? text.split(',') : null
  return kind === 'duration' ? (durationMsOf(text) ?? 0) * 1e6 : text
}
