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

export type ResourceMode = 'managed' | 'data'

export interface ResourceAddress {
  readonly module: ModulePath
  readonly mode: ResourceMode
  readonly type: string
  readonly name: string
}

function formatKey(key: InstanceKey): string {
  if (key === undefined) return ''
  return typeof key === 'number' ? `[${key}]` : `[${JSON.stringify(key)}]`
}

export function formatModulePath(path: ModulePath): string {
  return path.map((step) => `module.${step.name}${formatKey(step.key)}`).join('.')
}

/** Without an instance key. */
export function formatResource(address: ResourceAddress): string {
  const path = formatModulePath(address.module)
  const local = `${address.mode === 'data' ? 'data.' : ''}${address.type}.${address.name}`
  return path === '' ? local : `${path}.${local}`
}

export function formatInstance(address: ResourceAddress, key: InstanceKey): string {
  return formatResource(address) + formatKey(key)
}
