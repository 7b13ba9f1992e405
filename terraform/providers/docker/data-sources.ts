// Data sources of the `docker` provider: an image or a network of the engine, and an image of a registry.

import type { DataSourceType } from '../../provider.ts'
import { computed, flag, noBlocks, optional, required, text, textMap } from '../../provider-schema.ts'
import { textField, withFields } from '../../values/fields.ts'
import { listType, mapType, objectType, stringType } from '../../values/type.ts'
import { bool, list, map, objectFrom, string } from '../../values/value.ts'
import { failed, problem } from './common/resource.ts'
import type { EngineClient } from './engine/client.ts'
import { authHeader } from './engine/registry-auth.ts'
import { digestOf } from './image/image.ts'
import { findImage, type ImageSource, imagePath } from './image/pull.ts'

export const imageData = ({ client }: ImageSource): DataSourceType => ({
  schema: { attributes: { id: computed(text), name: required(text), repo_digest: computed(text) }, blocks: noBlocks },
  async read(config, { signal }) {
    const name = textField(config, 'name') ?? ''
    const image = await findImage(client, name, signal)
    if (!image) return failed(null, problem('Docker image not found', `The engine has no image ${name}.`, 'name'))
    return { value: withFields(config, { id: string(image.Id), repo_digest: string(digestOf(name, image)) }) }
  },
})

export const registryImageData = ({ client, findAuth }: ImageSource): DataSourceType => ({
  schema: {
    attributes: {
      id: computed(text),
      name: required(text),
      sha256_digest: computed(text),
      insecure_skip_verify: optional(flag),
    },
    blocks: noBlocks,
  },
  async read(config, { signal }) {
    const name = textField(config, 'name') ?? ''
    const { Descriptor } = await client.call<{ Descriptor: { digest: string } }>(
      'GET',
      `/distribution/${imagePath(name)}/json`,
      { headers: authHeader(findAuth(name)), signal },
    )
    return { value: withFields(config, { id: string(Descriptor.digest), sha256_digest: string(Descriptor.digest) }) }
  },
})

interface Network {
  readonly Id: string
  readonly Driver: string
  readonly Internal: boolean
  readonly Scope: string
  readonly Options?: Readonly<Record<string, string>> | null
  readonly IPAM?: { readonly Config?: readonly AddressPool[] | null }
}

interface AddressPool {
  readonly Subnet?: string
  readonly IPRange?: string
  readonly Gateway?: string
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>>
}

const addressPoolType = objectType({
  subnet: stringType,
  ip_range: stringType,
  gateway: stringType,
  aux_address: mapType(stringType),
})

const textMapOf = (entries: Readonly<Record<string, string>> | null | undefined) =>
  map(
    stringType,
    Object.entries(entries ?? {}).map(([key, value]) => [key, string(value)] as const),
  )

export const networkData = (client: EngineClient): DataSourceType => ({
  schema: {
    attributes: {
      id: computed(text),
      name: required(text),
      driver: computed(text),
      internal: computed(flag),
      ipam_config: computed(listType(addressPoolType)),
      options: computed(textMap),
      scope: computed(text),
    },
    blocks: noBlocks,
  },
  async read(config, { signal }) {
    const name = textField(config, 'name') ?? ''
    const network = await client.find<Network>(`/networks/${encodeURIComponent(name)}`, { signal })
    if (!network) return failed(null, problem('Docker network not found', `The engine has no network ${name}.`, 'name'))
    const pools = (network.IPAM?.Config ?? []).map(({ Subnet = '', IPRange = '', Gateway = '', AuxiliaryAddresses }) =>
      objectFrom({
        subnet: string(Subnet),
        ip_range: string(IPRange),
        gateway: string(Gateway),
        aux_address: textMapOf(AuxiliaryAddresses),
      }),
    )
    return {
      value: withFields(config, {
        id: string(network.Id),
        driver: string(network.Driver),
        internal: bool(network.Internal),
        scope: string(network.Scope),
        options: textMapOf(network.Options),
        ipam_config: list(addressPoolType, pools),
      }),
    }
  },
})
