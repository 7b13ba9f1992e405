// Logs the inputs of a build for troubleshooting: origins of values, providers, existing
// resources. Names only, because values may be secret.

import type { State } from '../../../terraform/engine/state/state.ts'
import type { Template } from '../../../terraform/engine/template/template.ts'
import type { BuildTask } from '../../jobs/engine.ts'
import type { Say } from './build-log-writer.ts'

export function sayGiven(task: BuildTask, template: Template, state: State | null, say: Say): void {
  const debug = (text: string) => say.line('debug', text)
  for (const { file } of template.sources) debug(`file ${file}`)
  for (const name of template.module.variables.keys()) debug(`var.${name}: ${sourceOf(name, task, template)}`)
  for (const name of Object.keys(task.coder.parameters).sort()) debug(`parameter ${name}: as settled for this build`)
  for (const name of providersOf(template)) debug(`provider ${name}: bundled`)
  debug(`graph: ${template.order.length} nodes`)
  debug(
    state ? `state: serial ${state.serial}, ${state.resources.length} resources` : 'state: nothing was built before',
  )
  for (const { module, type, name, instances } of state?.resources ?? []) {
    debug(`state: ${module ? `${module}.` : ''}${type}.${name}, ${instances.length} of it`)
  }
}

function sourceOf(name: string, { variables }: BuildTask, { module }: Template): string {
  if (Object.hasOwn(variables, name)) return 'given with the template version'
  const file = module.variableValues.get(name)?.range.file
  if (file !== undefined) return `from ${file}`
  return module.variables.get(name)?.defaultValue ? 'its default' : 'not set'
}

/** By convention, types start with the provider name. */
function providersOf({ module }: Template): string[] {
  const names = [...module.resources.values()].map(({ address }) => address.type.split('_', 1)[0] ?? '')
  return [...new Set(names)].sort()
}
