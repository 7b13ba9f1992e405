// Classifies the files of a module folder.

export interface ModuleFileNames {
  readonly configuration: readonly string[]
  /** Override files, merged into the other declarations in this order. */
  readonly overrides: readonly string[]
  /** Variable files of the root module; later files override earlier ones. */
  readonly values: readonly string[]
}

const configurationEndings = ['.tofu.json', '.tf.json', '.tofu', '.tf']

export function sortModuleFiles(names: readonly string[]): ModuleFileNames {
  const visible = names.filter((name) => !isIgnored(name))
  const present = new Set(visible)
  const configuration = visible.filter((name) => stemOf(name) !== undefined && !isHidden(name, present))
  const values = visible.filter((name) => name.endsWith('.auto.tfvars') || name.endsWith('.auto.tfvars.json'))
  const fixed = ['terraform.tfvars', 'terraform.tfvars.json'].filter((name) => present.has(name))
  return {
    configuration: configuration.filter((name) => !isOverride(name)),
    overrides: configuration.filter(isOverride),
    values: [...fixed, ...values],
  }
}

/** Temporary files of editors. */
export const isIgnored = (name: string) =>
  name.startsWith('.') || name.endsWith('~') || (name.startsWith('#') && name.endsWith('#'))

function stemOf(name: string): string | undefined {
  const ending = configurationEndings.find((candidate) => name.endsWith(candidate))
  return ending && name.slice(0, -ending.length)
}

/** A `.tofu` file replaces the `.tf` file with the same name. */
function isHidden(name: string, present: ReadonlySet<string>): boolean {
  if (name.endsWith('.tf')) return present.has(`${name.slice(0, -3)}.tofu`)
  return name.endsWith('.tf.json') && present.has(`${name.slice(0, -8)}.tofu.json`)
}

function isOverride(name: string): boolean {
  const stem = stemOf(name)
  return stem === 'override' || stem?.endsWith('_override') === true
}
