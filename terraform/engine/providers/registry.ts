// Finds the provider and the type of a resource block or of an object in the state, with the configuration of the `provider`
// block.

import {
  formatBlock,
  formatKey,
  formatLocalResource,
  type InstanceKey,
  modulePrefix,
  type ResourceAddress,
} from '../../addresses.ts'
import {
  configurationName,
  type ModuleNode,
  type ProviderBlock,
  type ProviderReference,
  type ResourceBlock,
} from '../../config/module.ts'
import { type Diagnostic, errorAt } from '../../diagnostics/diagnostic.ts'
import { didYouMean } from '../../diagnostics/did-you-mean.ts'
import type { LanguageFunction } from '../../lang/function.ts'
import type { DataSourceType, Provider, ProvisionerType, ResourceType } from '../../provider.ts'
import { dynamicType } from '../../values/type.ts'
import { unknown } from '../../values/value.ts'
import { findConfiguration } from '../modules/provider-configurations.ts'

export interface ResolvedType<T> {
  /** The provider configuration's address, as in the state. */
  readonly providerAddress: string
  readonly type: T
}

interface ResolvedProvider {
  readonly provider: Provider
  readonly providerAddress: string
}

/** Replaces a provider's type. `block` is the address without instance keys. */
export type SubstituteType = <T extends ResourceType | DataSourceType>(
  type: T,
  where: { readonly block: string; readonly providerAddress: string; readonly address: ResourceAddress },
) => T

export class Registry {
  readonly #providers: readonly Provider[]
  readonly #root: ModuleNode
  readonly #substitute: SubstituteType
  /** Configured providers by address. */
  readonly #configured = new Map<string, Provider>()
  readonly #keys = new Map<ProviderBlock, ReadonlySet<InstanceKey>>()

  constructor(providers: readonly Provider[], root: ModuleNode, substitute: SubstituteType = (type) => type) {
    this.#providers = providers
    this.#root = root
    this.#substitute = substitute
  }

  /** `key` selects a configuration of a provider block with `for_each`. */
  resource(node: ModuleNode, block: ResourceBlock, key?: InstanceKey): ResolvedType<ResourceType> | Diagnostic {
    return this.#find(node, block, key, (provider) => provider.resources, 'resource type')
  }

  dataSource(node: ModuleNode, block: ResourceBlock, key?: InstanceKey): ResolvedType<DataSourceType> | Diagnostic {
    return this.#find(node, block, key, (provider) => provider.dataSources, 'data source')
  }

  /** The type of an object in the state, which the template may no longer declare. */
  stored(address: ResourceAddress, providerAddress: string): ResolvedType<ResourceType> | undefined {
    // Another tool may have written another registry host for the same provider.
    const [, registry, source] = /provider\["(registry\.[^/]*\/)?([^"]*)"\]/.exec(providerAddress) ?? []
    const normalized = registry ? providerAddress.replace(registry, 'registry.terraform.io/') : providerAddress
    const provider =
      this.#configured.get(normalized) ?? this.#providers.find((candidate) => candidate.source === source)
    const type = provider && ownEntry(provider.resources, address.type)
    return (
      type && {
        providerAddress,
        type: this.#substitute(type, { block: formatBlock(address), providerAddress, address }),
      }
    )
  }

  /** The provider with a local name in a module, unconfigured. */
  providerNamed(node: ModuleNode, name: string): Provider | undefined {
    const source = sourceOf(node, name)
    return this.#providers.find((provider) =>
      source === undefined ? provider.name === name : provider.source === source,
    )
  }

  /** `provider::terraform::encode_expr`, with an optional alias before the function. Null if the provider has no such
   *  function, undefined if the module requires no such provider. */
  functionNamed(node: ModuleNode, name: string): LanguageFunction | null | undefined {
    const [, local = '', ...rest] = name.split('::')
    const provider = this.providerNamed(node, local)
    if (provider?.isStub) return unknownFunction
    if (!provider || !node.module.requiredProviders.has(local)) return undefined
    return ownEntry(provider.functions ?? {}, rest.at(-1) ?? '') ?? null
  }

  /** Registers the provider that a `provider` block configured. */
  setConfigured(node: ModuleNode, { alias }: ProviderBlock, key: InstanceKey, provider: Provider): void {
    this.#configured.set(addressOf(provider, node, alias, key), provider)
  }

  /** Registers the keys of a provider block with `for_each`. */
  setKeys(block: ProviderBlock, keys: readonly InstanceKey[]): void {
    this.#keys.set(block, new Set(keys))
  }

  provisioner(name: string): ProvisionerType | undefined {
    return this.#providers
      .map((provider) => ownEntry(provider.provisioners ?? {}, name))
      .find((type) => type !== undefined)
  }

  #find<T extends ResourceType | DataSourceType>(
    node: ModuleNode,
    block: ResourceBlock,
    key: InstanceKey,
    tableOf: (provider: Provider) => Readonly<Record<string, T>>,
    noun: string,
  ): ResolvedType<T> | Diagnostic {
    const { address, provider: reference, range, typeRange } = block
    const found = this.#provider(node, reference, key)
    const hint = () =>
      didYouMean(
        address.type,
        this.#providers.flatMap((candidate) => Object.keys(tableOf(candidate))),
      )
    if (found === 'no such key') {
      const detail = `${address.type}.${address.name} uses ${configurationName(reference)}[${JSON.stringify(key)}], but the for_each of its provider block has no such key.`
      return errorAt(reference.range, 'Provider instance not present', detail)
    }
    if (found === 'wrong key') {
      const nameRange = { ...reference.range, end: reference.range.start + reference.name.length }
      const name = configurationName(reference)
      const detail = reference.key
        ? `The provider block of ${name} has no for_each, so the reference must not have a key.`
        : `The provider block of ${name} has for_each, so the reference needs a key, such as ${name}[each.key].`
      return errorAt(nameRange, 'Invalid resource provider configuration', detail)
    }
    if (found === 'unconfigured') {
      const detail = `${address.type}.${address.name} uses the configuration ${configurationName(reference)}, but this module has no block provider "${reference.name}" with alias = "${reference.alias}", and its caller passes none.`
      return errorAt(reference.range, 'Provider configuration not present', detail)
    }
    if (!found) {
      const source = sourceOf(node, reference.name) ?? reference.name
      const bundled = this.#providers.map((candidate) => candidate.name).join(', ')
      const detail = `The provider "${source}" is not part of this deployment, so there is no ${noun} "${address.type}".${hint()} Available providers: ${bundled}.`
      return errorAt(range, 'Provider not available', detail)
    }
    const type = ownEntry(tableOf(found.provider), address.type)
    if (type) {
      const where = { block: modulePrefix(node.names) + formatLocalResource(address), address }
      const { providerAddress } = found
      return { providerAddress, type: this.#substitute(type, { ...where, providerAddress }) }
    }
    return errorAt(
      typeRange,
      `Invalid ${noun}`,
      `The provider ${describeProvider(found.provider)} has no ${noun} "${address.type}".${hint()}`,
    )
  }

  #provider(
    node: ModuleNode,
    reference: ProviderReference,
    key: InstanceKey,
  ): ResolvedProvider | 'unconfigured' | 'wrong key' | 'no such key' | undefined {
    const provider = this.providerNamed(node, reference.name)
    if (!provider) return undefined
    const configuration = findConfiguration(node, reference)
    if (!configuration && reference.alias !== undefined && !provider.isStub) return 'unconfigured'
    const keys = configuration && this.#keys.get(configuration.block)
    if (configuration && configuration.hasKey !== (configuration.block.forEach !== undefined)) return 'wrong key'
    if (keys && key !== undefined && !keys.has(key)) return 'no such key'
    const providerAddress = addressOf(provider, configuration?.module ?? this.#root, configuration?.block.alias, key)
    return { provider: this.#configured.get(providerAddress) ?? provider, providerAddress }
  }
}

const describeProvider = ({ source, compatibleVersion: version }: Provider) =>
  `"${source}"${version === undefined ? '' : ` (compatible with ${version})`}`

/** Accepts any arguments and returns an unknown value. */
export const unknownFunction: LanguageFunction = {
  parameters: [],
  variadic: { name: 'arguments', type: dynamicType, mayBeNull: true, mayBeUnknown: 'anywhere' },
  returns: dynamicType,
  call: () => unknown(),
}

/** The source in `required_providers`; undefined if the module does not declare it. */
const sourceOf = (node: ModuleNode, name: string): string | undefined =>
  node.module.requiredProviders.get(name)?.source.replace(/^registry\.[^/]*\//, '')

const ownEntry = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

export const isResolved = <T>(result: ResolvedType<T> | Diagnostic): result is ResolvedType<T> => 'type' in result

function addressOf({ source }: Provider, node: ModuleNode, alias: string | undefined, key: InstanceKey): string {
  return modulePrefix(node.names) + formatProvider(source, alias) + formatKey(key)
}

/** The state's address of a configuration in the root module. */
export function formatProvider(source: string, alias: string | undefined): string {
  const full = source.split('/').length === 3 ? source : `registry.terraform.io/${source}`
  return `provider["${full}"]${alias === undefined ? '' : `.${alias}`}`
}
