// LRU cache of parsed templates.

import { openTemplate, type Template } from '../../../terraform/engine/template/template.ts'
import type { EngineTask } from '../../jobs/engine.ts'

// Deployments use few templates; a parsed template takes a few hundred kilobytes.
const maxTemplates = 32
const parsed = new Map<string, Template>()

export function readTemplate({ dir, fileHash, mayReadOutsideModule }: EngineTask): Template {
  const key = `${fileHash} ${mayReadOutsideModule} ${dir}`
  const template = parsed.get(key) ?? openTemplate(dir, { mayReadOutsideModule })
  parsed.delete(key)
  parsed.set(key, template)
  const [oldest] = parsed.keys()
  if (parsed.size > maxTemplates && oldest !== undefined) parsed.delete(oldest)
  return template
}
