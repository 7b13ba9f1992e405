// `docker_image`: an image pulled from a registry or built from a folder.

import type { OperationContext, Outcome, ResourceType } from '../../../provider.ts'
import { blocksField, boolField, listField, textField, withFields } from '../../../values/fields.ts'
import { type ObjectValue, string } from '../../../values/value.ts'
import { failed, planResource, problem } from '../common/resource.ts'
import { EngineError, isConflict, isNotFound } from '../engine/engine-error.ts'
import { buildImage } from './build.ts'
import { findImage, type Image, type ImageSource, imagePath, pullImage, requireImage, splitTag } from './pull.ts'
import { imageSchema } from './schema.ts'

export function imageResource(source: ImageSource): ResourceType {
  return {
    schema: imageSchema,
    plan: (request) => planResource(request, imageSchema, {}, ['keep_locally', 'force_remove']),
    async read(current, { signal }) {
      const image = await findImage(source.client, textField(current, 'image_id') ?? '', signal)
      return { value: image ? current : null }
    },
    create: (planned, operation) => create(planned, source, operation),
    update: async (_prior, planned) => ({ value: planned }),
    delete: (prior, operation) => remove(prior, source, operation),
  }
}

async function create(planned: ObjectValue, source: ImageSource, operation: OperationContext): Promise<Outcome> {
  const name = textField(planned, 'name') ?? ''
  const [build] = blocksField(planned, 'build')
  try {
    if (build) await buildImage(source, name, build, operation)
    const image = await (listField(planned, 'pull_triggers').length > 0 && !build
      ? pullImage(source, name, operation, textField(planned, 'platform'))
      : requireImage(source, name, operation, textField(planned, 'platform')))
    return { value: withImage(planned, name, image) }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    return failed(null, problem(build ? 'Image build failed' : 'Image pull failed', error.message, 'name'))
  }
}

const withImage = (planned: ObjectValue, name: string, image: Image): ObjectValue =>
  withFields(planned, {
    id: string(`${image.Id}${name}`),
    image_id: string(image.Id),
    repo_digest: string(digestOf(name, image)),
  })

/** Empty for an image that was built here. */
export function digestOf(name: string, { RepoDigests }: Image): string {
  const [repository] = splitTag(name)
  return RepoDigests?.find((digest) => digest.startsWith(`${repository}@`)) ?? RepoDigests?.[0] ?? ''
}

/** An image that other containers or workspaces use stays in the engine. */
async function remove(
  prior: ObjectValue,
  { client }: ImageSource,
  { signal, log }: OperationContext,
): Promise<Outcome> {
  const name = textField(prior, 'name') ?? ''
  const id = textField(prior, 'image_id') ?? ''
  if (boolField(prior, 'keep_locally')) return { value: null }
  const named = await findImage(client, name, signal)
  try {
    await client.call('DELETE', `/images/${imagePath(named?.Id === id ? name : id)}`, {
      query: { force: boolField(prior, 'force_remove') },
      signal,
    })
  } catch (error) {
    if (isConflict(error)) log('info', `The image ${name} stays in the engine: ${(error as Error).message}.`)
    else if (!isNotFound(error)) throw error
  }
  return { value: null }
}
