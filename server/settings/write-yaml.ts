// Settings as the text of a file, in the form that read-yaml.ts reads: what `coder server --write-config` prints.

import { type Setting, type SettingGroup, settingGroups } from './setting.ts'

type Texts = Readonly<Record<string, { readonly text: string }>>

/** Every setting that a file can hold, with what it is now; secrets are not shown. Ends with a line end. */
export function writeYamlSettings(settings: Readonly<Record<string, Setting>>, texts: Texts): string {
  const ofGroup = (group: SettingGroup) =>
    Object.entries(settings).filter(([, { yaml, group: own, isSecret }]) => yaml !== '' && own === group && !isSecret)
  const groupsBelow = (parent: string | null) =>
    (Object.keys(settingGroups) as SettingGroup[]).filter(
      (group) => group !== 'deployment' && settingGroups[group].parent === parent,
    )
  const linesOf = (group: SettingGroup, parent: string | null): string[] => [
    ...ofGroup(group).flatMap(([name, setting]) => toLines(setting, texts[name]?.text ?? '')),
    ...groupsBelow(parent).flatMap((below) => {
      const inner = linesOf(below, below)
      return inner.length > 0 ? [`${settingGroups[below].yaml}:`, ...inner.map((line) => `  ${line}`)] : []
    }),
  ]
  return `${linesOf('deployment', null).join('\n')}\n`
}

function toLines({ yaml, help, env, fallback, kind }: Setting, text: string): string[] {
  return [
    `# ${help}`,
    `# (${env}, ${kind}${fallback === '' ? '' : `, default: ${fallback}`})`,
    `${yaml}: ${toValue(kind, text)}`,
  ]
}

function toValue(kind: Setting['kind'], text: string): string {
  if (kind === 'list') return JSON.stringify(text === '' ? [] : text.split(','))
  if (kind === 'count' || kind === 'flag') return text === '' ? 'null' : text
  return JSON.stringify(text)
}
