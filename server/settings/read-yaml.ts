// Reads the YAML configuration file, which has Coder's format: nested groups that contain settings.

import { parse } from 'yaml'
import { type Setting, type SettingGroup, settingGroups } from './setting.ts'

export interface YamlSettings {
  /** Setting name → text in the format of the environment variable. */
  readonly texts: Readonly<Record<string, string>>
  /** Unsupported keys, with the keys of their groups. */
  readonly unknown: readonly string[]
}

/** @throws Error for invalid YAML or a document that is not a mapping. */
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

/** All values with their full keys. Empty values are ignored. */
function leavesOf(value: unknown, path: readonly string[]): [key: string, text: string][] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return [[path.join('.'), value.join(',')]]
  if (typeof value === 'object') {
    return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]))
  }
  if (path.length === 0) throw new Error('it must contain settings by name')
  return [[path.join('.'), String(value)]]
}
