// Addresses of modules, resources and instances, and their text form: `data.coder_workspace.me`, `host_process.agent[0]`,
// `module.editor.coder_app.main["a"]`.

/** The key of an instance: a number with `count`, a string with `for_each`, otherwise undefined. */
export type InstanceKey = string | number | undefined

export interface ModuleStep {
  readonly name: string
  readonly key: InstanceKey
}

/** Empty for the root module. */
export type ModulePath = readonly ModuleStep[]

/** A module in the configuration, regardless of its instances: the names of the calls from the root. */
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
  return typeof key === 'number'
    ? `[${key}]`
    : `[${JSON.stringify(key).replace(/[$%]\{/g, (opener) => opener[0] + opener)}]`
}

const readKey = (text: string): InstanceKey => JSON.parse(text.replace(/([$%])\1\{/g, '$1{')) as InstanceKey

export function formatModulePath(path: ModulePath): string {
  return path.map((step) => `module.${step.name}${formatKey(step.key)}`).join('.')
}

/** The prefix of addresses in the module: `module.a.`, or an empty string for the root. */
export const modulePrefix = (names: ModuleNames): string => names.map((name) => `module.${name}.`).join('')

/** The address relative to its module: `data.coder_workspace.me`. */
export const formatLocalResource = ({ mode, type, name }: ResourceAddress): string =>
  `${mode === 'data' ? 'data.' : ''}${type}.${name}`

/** With the module's instance keys, without the resource's own. */
export function formatResource(address: ResourceAddress): string {
  const local = formatLocalResource(address)
  return address.module.length === 0 ? local : `${formatModulePath(address.module)}.${local}`
}

/** The block in the configuration, without instance keys. */
export function formatBlock(address: ResourceAddress): string {
  const local = formatLocalResource(address)
  return address.module.length === 0 ? local : modulePrefix(address.module.map((step) => step.name)) + local
}

export function formatInstance(address: ResourceAddress, key: InstanceKey): string {
  return formatResource(address) + formatKey(key)
}

const moduleStep = /^module\.([^.[\]"]+)(?:\[(\d+|"(?:[^"\\]|\\.)*")\])?(?:\.|$)/

/** The inverse of `formatModulePath`; undefined for invalid text. */
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
