// LRU cache of parsed templates.

import { openTemplate, type Template } from '../../../terraform/engine/template/template.ts'
import type { EngineTask } from '../../jobs/engine.ts'

// Deployments use few templates; each parsed one takes some hundred kilobytes.
const keptTemplates = 32
const parsed = new Map<string, Template>()

export function readTemplate({ dir, fileHash, mayExecuteHere }: EngineTask): Template {
  const key = `${fileHash} ${mayExecuteHere} ${dir}`
  const template = parsed.get(key) ?? openTemplate(dir, { mayReadOutsideModule: mayExecuteHere })
  parsed.delete(key)
  parsed.set(key, template)
  const [oldest] = parsed.keys()
  if (parsed.size > keptTemplates && oldest !== undefined) parsed.delete(oldest)
  return template
}
