// Puts other modules in the place of those that a template calls: ones that give fixed outputs, in a test or where the
// real one is not here.

import { decodeModule } from '../config/decode-module.ts'
import type { InputVariable, Module, ModuleCall, ModuleNode, OutputValue } from '../config/module.ts'
import type { Range } from '../diagnostics/source.ts'
import { missingModuleSummary } from '../engine/template/module-loader.ts'
import { type Template, withRoot } from '../engine/template/template.ts'
import { dynamicType } from '../values/type.ts'
import { unknown, type Value } from '../values/value.ts'
import { type Path, visitPaths, withoutKeys } from './paths.ts'
import { emptyUsage, recordUsage, type Usage } from './usage.ts'

/** Gives the module that is to stand at the place, by the names of the calls: `a.b`. Undefined leaves it empty. */
export type ReplaceModule = (names: string, call: ModuleCall, real: Module | undefined) => Module | undefined

/** The template with other modules. `root` may stand in for the root module. That a module is not here is no longer
 *  told: whoever replaces knows. */
export function replaceModules(template: Template, replace: ReplaceModule, root = template.module): Template {
  const told = template.fileDiagnostics.filter(({ summary }) => summary !== missingModuleSummary)
  return withRoot(template, rebuild(root, template.root, undefined, replace), told)
}

function rebuild(module: Module, real: ModuleNode, parent: ModuleNode | undefined, replace: ReplaceModule): ModuleNode {
  const children = new Map<string, ModuleNode>()
  const node: ModuleNode = { names: real.names, module, parent, call: real.call, children }
  for (const call of module.calls.values()) {
    const names = [...real.names, call.name]
    const child = real.children.get(call.name)
    const inside = replace(names.join('.'), call, child?.module)
    if (!inside) continue
    const isReal = child?.module === inside
    const below = isReal ? child : { names, module: inside, parent: node, call, children: new Map() }
    children.set(call.name, rebuild(inside, below, node, replace))
  }
  return node
}

/** A module without resources that takes whatever it is handed. */
export function stubModule(call: ModuleCall, real: Module | undefined, outputs: ReadonlyMap<string, Value>): Module {
  return {
    ...decodeModule(real?.dir ?? call.source ?? call.name, []),
    variables: new Map([...call.inputs].map(([name, { range }]) => [name, anyVariable(name, range)])),
    outputs: new Map([...outputs].map(([name, value]) => [name, fixedOutput(name, value, call.range)])),
    requiredProviders: real?.requiredProviders ?? new Map(),
    providerBlocks: real?.providerBlocks ?? [],
  }
}

const anyVariable = (name: string, range: Range): InputVariable => ({
  name,
  type: dynamicType,
  typeText: 'any',
  defaultValue: unknown(),
  description: '',
  sensitive: false,
  ephemeral: false,
  nullable: true,
  isStatic: undefined,
  deprecated: undefined,
  validations: [],
  range,
})

const fixedOutput = (name: string, value: Value, range: Range): OutputValue => ({
  name,
  expression: { type: 'literal', value, range },
  sensitive: false,
  ephemeral: false,
  deprecated: undefined,
  dependsOn: [],
  preconditions: [],
  range,
})

/** What the template asks of the outputs of modules that are not here, by `a.b`. */
export function collectMissingModuleUsages(
  template: Template,
  visitMore: (visit: (path: Path) => void) => void = () => undefined,
): ReadonlyMap<string, Usage> {
  const usages = new Map<string, Usage>()
  const note = ({ node, steps }: Path) => {
    const [first, second, ...rest] = steps
    const name = second && 'name' in second ? second.name : undefined
    if (!first || !('name' in first) || first.name !== 'module' || name === undefined) return
    if (!node.module.calls.has(name) || node.children.has(name)) return
    const place = [...node.names, name].join('.')
    const usage = usages.get(place) ?? emptyUsage()
    usages.set(place, usage)
    recordUsage(usage, withoutKeys(rest))
  }
  visitPaths(template.root, note)
  visitMore(note)
  return usages
}
