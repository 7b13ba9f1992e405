// Settings from a file, in Coder's form: YAML with a key for each group and below it one for each setting.

import { parse } from 'yaml'
import { type Setting, type SettingGroup, settingGroups } from './setting.ts'

export interface YamlSettings {
  /** Texts by the name of the setting in code, as they would stand in the environment. */
  readonly texts: Readonly<Record<string, string>>
  /** Keys that are no settings here, with the keys of their groups. */
  readonly unknown: readonly string[]
}

/** @throws Error for what is no YAML, or no tree of settings. */
export function readYamlSettings(text: string, settings: Readonly<Record<string, Setting>>): YamlSettings {
  const names = new Map(
    Object.entries(settings)
      .filter(([, { yaml }]) => yaml !== '')
      .map(([name, { yaml, group }]) => [[...groupKeys(group), yaml].join('.'), name]),
  )
  const texts: Record<string, string> = {}
  const unknown: string[] = []
  for (const [key, value] of leavesOf(parse(text, { maxAliasCount: 0 }), [])) {
    const name = names.get(key)
    if (name === undefined) unknown.push(key)
    else texts[name] = value
  }
  return { texts, unknown }
}

function groupKeys(group: SettingGroup): string[] {
  const { yaml, parent } = settingGroups[group]
  return [...(parent ? groupKeys(parent) : []), ...(yaml ? [yaml] : [])]
}

/** Everything that is no group, by its keys. What is empty says nothing. */
function leavesOf(value: unknown, path: readonly string[]): [key: string, text: string][] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return [[path.join('.'), value.join(',')]]
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
  }
  if (path.length === 0) throw new Error('it must hold settings by their names')
  return [[path.join('.'), String(value)]]
}
