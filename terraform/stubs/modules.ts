// Replaces a template's modules with stubs that have fixed outputs, for overrides in tests and for missing modules.

import { decodeModule } from '../config/decode-module.ts'
import type { InputVariable, Module, ModuleCall, ModuleNode, OutputValue } from '../config/module.ts'
import type { Range } from '../diagnostics/source.ts'
import { missingModuleSummary } from '../engine/template/module-loader.ts'
import { type Template, withRoot } from '../engine/template/template.ts'
import { dynamicType } from '../values/type.ts'
import { unknown, type Value } from '../values/value.ts'
import { type Path, visitPaths, withoutKeys } from './paths.ts'
import { emptyUsage, recordUsage, type Usage } from './usage.ts'

/** Returns the module for a call path such as `a.b`; undefined for none. */
export type ReplaceModule = (names: string, call: ModuleCall, real: Module | undefined) => Module | undefined

/** The template with replaced modules, and optionally another root module. Drops the diagnostics about missing modules: the
 *  caller handles those. */
export function replaceModules(template: Template, replace: ReplaceModule, root = template.module): Template {
  const diagnostics = template.fileDiagnostics.filter(({ summary }) => summary !== missingModuleSummary)
  return withRoot(template, rebuild(root, template.root, undefined, replace), diagnostics)
}

function rebuild(module: Module, real: ModuleNode, parent: ModuleNode | undefined, replace: ReplaceModule): ModuleNode {
  const children = new Map<string, ModuleNode>()
  const node: ModuleNode = { names: real.names, module, parent, call: real.call, children }
  for (const call of module.calls.values()) {
    const names = [...real.names, call.name]
    const child = real.children.get(call.name)
    const replacement = replace(names.join('.'), call, child?.module)
    if (!replacement) continue
    const isReal = child?.module === replacement
    const below = isReal ? child : { names, module: replacement, parent: node, call, children: new Map() }
    children.set(call.name, rebuild(replacement, below, node, replace))
  }
  return node
}

/** A module without resources that accepts any arguments and has the given outputs. */
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

/** The outputs read from missing modules, by call path such as `a.b`. */
export function collectMissingModuleUsages(
  template: Template,
  visitAdditional: (visit: (path: Path) => void) => void = () => undefined,
): ReadonlyMap<string, Usage> {
  const usages = new Map<string, Usage>()
  const record = ({ node, steps }: Path) => {
    const [first, second, ...rest] = steps
    const name = second && 'name' in second ? second.name : undefined
    if (!first || !('name' in first) || first.name !== 'module' || name === undefined) return
    if (!node.module.calls.has(name) || node.children.has(name)) return
    const callPath = [...node.names, name].join('.')
    const usage = usages.get(callPath) ?? emptyUsage()
    usages.set(callPath, usage)
    recordUsage(usage, withoutKeys(rest))
  }
  visitPaths(template.root, record)
  visitAdditional(record)
  return usages
}
