// Logs the inputs of a build for troubleshooting: sources of values, providers, existing resources. Logs names only,
// because values may be secret.

import { counted } from '../../../lib/counted.ts'
import type { State } from '../../../terraform/engine/state/state.ts'
import type { Template } from '../../../terraform/engine/template/template.ts'
import type { BuildTask } from '../../jobs/engine.ts'
import type { BuildLogWriter } from './build-log-writer.ts'

export function logBuildInputs(task: BuildTask, template: Template, state: State | null, log: BuildLogWriter): void {
  const debug = (text: string) => log.write('debug', text)
  for (const { file } of template.sources) debug(`file ${file}`)
  for (const name of template.module.variables.keys()) debug(`var.${name}: ${sourceOf(name, task, template)}`)
  for (const name of Object.keys(task.coder.parameters).sort()) debug(`parameter ${name}: resolved for this build`)
  for (const name of providersOf(template)) debug(`provider ${name}: bundled`)
  debug(`graph: ${template.order.length} nodes`)
  debug(state ? `state: serial ${state.serial}, ${counted(state.resources.length, 'resource')}` : 'state: none')
  for (const { module, type, name, instances } of state?.resources ?? []) {
    debug(`state: ${module ? `${module}.` : ''}${type}.${name}, ${counted(instances.length, 'instance')}`)
  }
}

function sourceOf(name: string, { variables }: BuildTask, { module }: Template): string {
  if (Object.hasOwn(variables, name)) return 'from the template version'
  const file = module.variableValues.get(name)?.range.file
  if (file !== undefined) return `from ${file}`
  return module.variables.get(name)?.defaultValue ? 'default' : 'not set'
}

/** By convention, types start with the provider name. */
function providersOf({ module }: Template): string[] {
  const names = [...module.resources.values()].map(({ address }) => address.type.split('_', 1)[0] ?? '')
  return [...new Set(names)].sort()
}
