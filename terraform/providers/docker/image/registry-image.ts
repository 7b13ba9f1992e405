// `docker_registry_image`: pushes an image of the engine to its registry. `docker_tag`: a further name of an image.

import type { ResourceType } from '../../../provider.ts'
import {
  blocks,
  computed,
  flag,
  noBlocks,
  optional,
  required,
  sensitive,
  text,
  textMap,
} from '../../../provider-schema.ts'
import { blocksField, textField, withFields } from '../../../values/fields.ts'
import { type ObjectValue, string } from '../../../values/value.ts'
import { planResource } from '../common/resource.ts'
import { isNotFound } from '../engine/engine-error.ts'
import { readProgress } from '../engine/progress.ts'
import { authHeader, type RegistryAuth } from '../engine/registry-auth.ts'
import { findImage, type ImageSource, imagePath, splitTag } from './pull.ts'

const registryImageSchema: ResourceType['schema'] = {
  attributes: {
    id: computed(text),
    name: required(text),
    sha256_digest: computed(text),
    keep_remotely: optional(flag),
    insecure_skip_verify: optional(flag),
    triggers: optional(textMap),
  },
  blocks: {
    auth_config: blocks(
      {
        attributes: { address: required(text), username: required(text), password: sensitive(required(text)) },
        blocks: {},
      },
      { maxItems: 1 },
    ),
  },
}

export function registryImageResource({ client, findAuth }: ImageSource): ResourceType {
  const credentials = (value: ObjectValue): RegistryAuth | undefined => {
    const [block] = blocksField(value, 'auth_config')
    if (!block) return findAuth(textField(value, 'name') ?? '')
    const field = (name: string) => textField(block, name) ?? ''
    return { serveraddress: field('address'), username: field('username'), password: field('password') }
  }
  return {
    schema: registryImageSchema,
    plan: (request) => planResource(request, registryImageSchema, {}, ['keep_remotely', 'insecure_skip_verify']),
    read: async (current) => ({ value: current }),
    async create(planned, operation) {
      const name = textField(planned, 'name') ?? ''
      const [repository, tag] = splitTag(name)
      const headers = authHeader(credentials(planned) ?? { serveraddress: '' })
      const path = `/images/${imagePath(repository)}/push`
      const response = await client.open('POST', path, { query: { tag }, headers, signal: operation.signal })
      await readProgress(response, `Pushing ${name}`, operation)
      const pushed = await client.call<{ Descriptor: { digest: string } }>(
        'GET',
        `/distribution/${imagePath(name)}/json`,
        { headers, signal: operation.signal },
      )
      const digest = string(pushed.Descriptor.digest)
      return { value: withFields(planned, { id: digest, sha256_digest: digest }) }
    },
    update: async (_prior, planned) => ({ value: planned }),
    // The Engine API cannot delete an image of a registry.
    async delete(prior, { log }) {
      log('info', `The image ${textField(prior, 'name')} stays in its registry.`)
      return { value: null }
    },
  }
}

const tagSchema: ResourceType['schema'] = {
  attributes: {
    id: computed(text),
    source_image: required(text),
    target_image: required(text),
    source_image_id: computed(text),
    tag_triggers: optional({ kind: 'list', element: text }),
  },
  blocks: noBlocks,
}

export function tagResource({ client }: ImageSource): ResourceType {
  return {
    schema: tagSchema,
    plan: (request) => planResource(request, tagSchema, {}),
    async read(current, { signal }) {
      const image = await findImage(client, textField(current, 'target_image') ?? '', signal)
      return { value: image?.Id === textField(current, 'source_image_id') ? current : null }
    },
    async create(planned, { signal }) {
      const source = textField(planned, 'source_image') ?? ''
      const target = textField(planned, 'target_image') ?? ''
      const [repo, tag] = splitTag(target)
      await client.call('POST', `/images/${imagePath(source)}/tag`, { query: { repo, tag }, signal })
      const image = await findImage(client, target, signal)
      return {
        value: withFields(planned, { id: string(`${source}.${target}`), source_image_id: string(image?.Id ?? '') }),
      }
    },
    update: async (_prior, planned) => ({ value: planned }),
    async delete(prior, { signal }) {
      try {
        await client.call('DELETE', `/images/${imagePath(textField(prior, 'target_image') ?? '')}`, { signal })
      } catch (error) {
        if (!isNotFound(error)) throw error
      }
      return { value: null }
    },
  }
}
