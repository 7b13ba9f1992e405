// Ambient values, which depend on the place of a reference instead of a declaration: `path`, `terraform`, `count`, `each`.

import { bool, ephemeralMark, int, string, unknown, type Value, withMarks } from '../../values/value.ts'
import type { InstanceNames } from './instance-names.ts'

export interface AmbientSettings {
  readonly moduleDir: string
  readonly rootDir: string
  readonly isPlanning: boolean
}

/** Undefined if the name has no value in this place. */
export function ambientValue(
  name: string,
  names: InstanceNames,
  { moduleDir, rootDir, isPlanning }: AmbientSettings,
): Value | undefined {
  switch (name) {
    case 'path.module':
      return string(moduleDir)
    case 'path.root':
      return string('.')
    case 'path.cwd':
      return string(rootDir)
    case 'terraform.workspace':
    case 'tofu.workspace':
      return string('default')
    case 'terraform.applying':
    case 'tofu.applying':
      return withMarks(bool(!isPlanning), ephemeralMark)
    case 'count.index':
      if (names.placeholderFor === 'count') return unknown({ kind: 'number' })
      return typeof names.key === 'number' ? int(names.key) : undefined
    case 'each.key':
      if (names.placeholderFor === 'for_each') return unknown({ kind: 'string' })
      if (typeof names.key === 'number' && names.each) return int(names.key)
      return typeof names.key === 'string' ? string(names.key) : undefined
    case 'each.value':
      return names.each ?? (names.placeholderFor === 'for_each' ? unknown() : undefined)
    default:
      return undefined
  }
}

/** The summary and detail for an ambient name that has no value in its place. */
export function describeMisplaced(root: string, name: string, names: InstanceNames): [string, string] {
  switch (root) {
    case 'count':
      if (name !== 'index') return ['Invalid "count" attribute', 'The "count" object has only the attribute "index".']
      return ['Reference to "count" in non-counted context', 'count.index is only available in blocks with count.']
    case 'each':
      if (name !== 'key' && name !== 'value')
        return ['Invalid "each" attribute', 'The "each" object has only the attributes "key" and "value".']
      if (names.each === undefined && (name === 'value' || names.key !== undefined))
        return [
          `each.${name} cannot be used in this context`,
          'each.key and each.value are only available with for_each.',
        ]
      return [
        'Reference to "each" in context without for_each',
        'each.key and each.value are only available in blocks with for_each.',
      ]
    case 'path':
      return ['Invalid "path" attribute', 'The "path" object has the attributes "module", "root" and "cwd".']
    default:
      return [`Invalid "${root}" attribute`, `The "${root}" object has the attribute "workspace".`]
  }
}
