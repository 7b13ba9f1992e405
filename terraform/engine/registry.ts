// Finds the provider and the type behind a resource block or an object in the state.

import type { ResourceAddress } from '../addresses.ts'
import type { Module, ResourceBlock } from '../config/module.ts'
import { type Diagnostic, didYouMean, errorAt } from '../diagnostics.ts'
import type { DataSourceType, Provider, ProvisionerType, ResourceType } from '../provider.ts'

export interface FoundType<T> {
  readonly provider: Provider
  readonly type: T
}

export class Registry {
  readonly #providers: readonly Provider[]
  readonly #module: Module

  constructor(providers: readonly Provider[], module: Module) {
    this.#providers = providers
    this.#module = module
  }

  resource(block: ResourceBlock): FoundType<ResourceType> | Diagnostic {
    return this.#find(block, (provider) => provider.resources, 'resource type')
  }

  dataSource(block: ResourceBlock): FoundType<DataSourceType> | Diagnostic {
    return this.#find(block, (provider) => provider.dataSources, 'data source')
  }

  /** For what is in the state, whether or not the template still has it. */
  stored(address: ResourceAddress, providerAddress: string): FoundType<ResourceType> | undefined {
    const source = /\["(?:registry\.[^/]*\/)?(.*)"\]$/.exec(providerAddress)?.[1]
    const provider = this.#providers.find((candidate) => candidate.source === source)
    const type = provider && ownEntry(provider.resources, address.type)
    return provider && type && { provider, type }
  }

  providerNamed(name: string): Provider | undefined {
    const source = this.#module.requiredProviders.get(name)?.source.replace(/^registry\.[^/]*\//, '')
    return this.#providers.find((provider) =>
      source === undefined ? provider.name === name : provider.source === source,
    )
  }

  provisioner(name: string): ProvisionerType | undefined {
    return this.#providers
      .map((provider) => ownEntry(provider.provisioners ?? {}, name))
      .find((type) => type !== undefined)
  }

  #find<T>(
    block: ResourceBlock,
    tableOf: (provider: Provider) => Readonly<Record<string, T>>,
    what: string,
  ): FoundType<T> | Diagnostic {
    const { address, providerName, range } = block
    const provider = this.providerNamed(providerName)
    const everyType = this.#providers.flatMap((candidate) => Object.keys(tableOf(candidate)))
    const hint = didYouMean(address.type, everyType)
    if (!provider) {
      const source = this.#module.requiredProviders.get(providerName)?.source ?? providerName
      const bundled = this.#providers.map((candidate) => candidate.name).join(', ')
      const detail = `The provider "${source}" is not part of this deployment, so there is no ${what} "${address.type}".${hint} Providers here: ${bundled}.`
      return errorAt(range, 'Provider not available', detail)
    }
    const type = ownEntry(tableOf(provider), address.type)
    if (type) return { provider, type }
    return errorAt(
      range,
      `Invalid ${what}`,
      `The provider "${provider.source}" has no ${what} "${address.type}".${hint}`,
    )
  }
}

const ownEntry = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

export const isFound = <T>(result: FoundType<T> | Diagnostic): result is FoundType<T> => 'provider' in result

/** How the state names a provider. */
export function providerAddress({ source }: Provider): string {
  return `provider["${source.split('/').length === 3 ? source : `registry.terraform.io/${source}`}"]`
}
