// Writes the YAML configuration file that read-yaml.ts reads, for `coder server --write-config`.

import { type Setting, type SettingGroup, settingGroups } from './setting.ts'
import type { SettingType } from './setting-types.ts'

type Texts = Readonly<Record<string, { readonly text: string }>>

/** All settings that the file can contain, with their current values, except secrets. */
export function writeYamlSettings(settings: Readonly<Record<string, Setting>>, texts: Texts): string {
  const settingsIn = (group: SettingGroup) =>
    Object.entries(settings).filter(([, { yaml, group: own, isSecret }]) => yaml !== '' && own === group && !isSecret)
  const groupsBelow = (parent: string | null) =>
    (Object.keys(settingGroups) as SettingGroup[]).filter(
      (group) => group !== 'deployment' && settingGroups[group].parent === parent,
    )
  const linesOf = (group: SettingGroup, parent: string | null): string[] => [
    ...settingsIn(group).flatMap(([name, setting]) => toLines(setting, texts[name]?.text ?? '')),
    ...groupsBelow(parent).flatMap((child) => {
      const inner = linesOf(child, child)
      return inner.length > 0 ? [`${settingGroups[child].yaml}:`, ...inner.map((line) => `  ${line}`)] : []
    }),
  ]
  return `${linesOf('deployment', null).join('\n')}\n`
}

function toLines({ yaml, help, env, default: defaultText, type: { kind } }: Setting, text: string): string[] {
  return [
    `# ${help}`,
    `# (${env}, ${kind}${defaultText === '' ? '' : `, default: ${defaultText}`})`,
    `${yaml}: ${toValue(kind, text)}`,
  ]
}

function toValue(kind: SettingType<unknown>['kind'], text: string): string {
  if (kind === 'list') return JSON.stringify(text === '' ? [] : text.split(','))
  if (kind === 'count' || kind === 'flag') return text === '' ? 'null' : text
  return JSON.stringify(text)
}
