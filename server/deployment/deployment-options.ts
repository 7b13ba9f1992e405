// The settings as a list with names, words and sources, in Coder's form: what pages of settings show.

import type { DeploymentOption } from '../../api/deployment.ts'
import { type Config, type SettingName, settings } from '../config.ts'
import { fixedOptions } from '../settings/fixed-options.ts'
import { type Setting, type SettingGroup, settingGroups } from '../settings/setting.ts'

export function deploymentOptions(config: Config): DeploymentOption[] {
  const ours = (Object.keys(settings) as SettingName[]).map((name) => {
    const setting: Setting = settings[name]
    const { text, from } = config.texts[name]
    return toOption(setting, setting.isSecret ? '' : text, from)
  })
  return [...ours, ...fixedOptions.map((option) => toOption(option, option.fallback, option.fallback ? 'default' : ''))]
}

function toOption(setting: Setting, text: string, from: DeploymentOption['value_source']): DeploymentOption {
  const isShown = !setting.isSecret
  return {
    name: setting.name,
    description: setting.help,
    flag: setting.flag,
    env: setting.env,
    ...(setting.yaml && { yaml: setting.yaml }),
    ...(isShown && setting.fallback && { default: setting.fallback }),
    value: typedValue(setting, text),
    value_source: from,
    ...(setting.group !== 'deployment' && { group: toGroup(setting.group) }),
    ...toAnnotations(setting),
  }
}

/** How pages show the value: not at all, or nanoseconds as a time. */
function toAnnotations({ isSecret, kind }: Setting): Pick<DeploymentOption, 'annotations'> {
  if (isSecret) return { annotations: { secret: 'true' } }
  return kind === 'duration' ? { annotations: { format_duration: 'true' } } : {}
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
  return kind === 'duration' ? nanosecondsOf(text) : text
}

const nanosecondsPerUnit: Readonly<Record<string, number>> = { ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

const nanosecondsOf = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|[smh])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (nanosecondsPerUnit[unit ?? ''] ?? 0),
    0,
  )
