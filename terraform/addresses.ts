// Names of things in a template, and how they are written: `data.coder_workspace.me`, `host_process.agent[0]`,
// `module.editor.coder_app.main["a"]`.

/** The index of an instance: a number under `count`, a string under `for_each`, undefined with neither. */
export type InstanceKey = string | number | undefined

export interface ModuleStep {
  readonly name: string
  readonly key: InstanceKey
}

/** Empty for the root module. */
export type ModulePath = readonly ModuleStep[]

/** Where a module stands in the configuration, whatever its instances: the names of the calls from the root. */
export type ModuleNames = readonly string[]

export type ResourceMode = 'managed' | 'data'

export interface ResourceAddress {
  readonly module: ModulePath
  readonly mode: ResourceMode
  readonly type: string
  readonly name: string
}

export function formatKey(key: InstanceKey): string {
  if (key === undefined) return ''
  return typeof key === 'number' ? `[${key}]` : `[${JSON.stringify(key).replace(/[$%]\{/g, (sign) => sign[0] + sign)}]`
}

const readKey = (text: string): InstanceKey => JSON.parse(text.replace(/([$%])\1\{/g, '$1{')) as InstanceKey

export function formatModulePath(path: ModulePath): string {
  return path.map((step) => `module.${step.name}${formatKey(step.key)}`).join('.')
}

/** What stands before the name of a thing in the module: `module.a.`, or nothing in the root. */
export const modulePrefix = (names: ModuleNames): string => names.map((name) => `module.${name}.`).join('')

/** As written inside of its module: `data.coder_workspace.me`. */
export const formatLocalResource = ({ mode, type, name }: ResourceAddress): string =>
  `${mode === 'data' ? 'data.' : ''}${type}.${name}`

/** Without an instance key of its own; its module has one. */
export function formatResource(address: ResourceAddress): string {
  const local = formatLocalResource(address)
  return address.module.length === 0 ? local : `${formatModulePath(address.module)}.${local}`
}

/** Without any instance keys: the block in the configuration. */
export function formatBlock(address: ResourceAddress): string {
  const local = formatLocalResource(address)
  return address.module.length === 0 ? local : modulePrefix(address.module.map((step) => step.name)) + local
}

export function formatInstance(address: ResourceAddress, key: InstanceKey): string {
  return formatResource(address) + formatKey(key)
}

const moduleStep = /^module\.([^.[\]"]+)(?:\[(\d+|"(?:[^"\\]|\\.)*")\])?(?:\.|$)/

/** The inverse of `formatModulePath`; undefined for what is no module path. */
export function parseModulePath(text: string): ModulePath | undefined {
  const path: ModuleStep[] = []
  for (let rest = text; rest !== ''; ) {
    const [matched, name, key] = moduleStep.exec(rest) ?? []
    if (matched === undefined || name === undefined) return undefined
    path.push({ name, key: key === undefined ? undefined : readKey(key) })
    rest = rest.slice(matched.length)
  }
  return path
}
