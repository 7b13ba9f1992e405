// Finds an image in the engine, and pulls it from its registry.

import type { OperationContext } from '../../../provider.ts'
import type { EngineClient } from '../engine/client.ts'
import { EngineError } from '../engine/engine-error.ts'
import { readProgress } from '../engine/progress.ts'
import { authHeader, type FindAuth } from '../engine/registry-auth.ts'

export interface Image {
  /** `sha256:…` */
  readonly Id: string
  readonly RepoTags?: readonly string[] | null
  readonly RepoDigests?: readonly string[] | null
  readonly Os?: string
  readonly Architecture?: string
}

export interface ImageSource {
  readonly client: EngineClient
  readonly findAuth: FindAuth
}

export const findImage = (client: EngineClient, name: string, signal?: AbortSignal): Promise<Image | undefined> =>
  client.find<Image>(`/images/${imagePath(name)}/json`, signal ? { signal } : {})

/** Slashes are part of the path; `sha256:…` and tags may contain colons. */
export const imagePath = (name: string): string => name.split('/').map(encodeURIComponent).join('/')

/** The local image, pulled if there is none. @throws EngineError */
export async function requireImage(
  source: ImageSource,
  name: string,
  operation: OperationContext,
  platform?: string,
): Promise<Image> {
  return (
    (await findImage(source.client, name, operation.signal)) ?? (await pullImage(source, name, operation, platform))
  )
}

export async function pullImage(
  { client, findAuth }: ImageSource,
  name: string,
  operation: OperationContext,
  platform?: string,
): Promise<Image> {
  const [reference, tag] = splitTag(name)
  operation.log('info', `Pulling ${name}`)
  try {
    const response = await client.open('POST', '/images/create', {
      query: { fromImage: reference, tag, platform },
      headers: authHeader(findAuth(name)),
      signal: operation.signal,
    })
    await readProgress(response, `Pulling ${name}`, operation)
  } catch (error) {
    if (error instanceof EngineError) throw new EngineError(error.status, explainPull(name, error.message))
    throw error
  }
  const image = await findImage(client, name, operation.signal)
  if (!image) throw new EngineError(404, `The image ${name} was pulled, but the engine does not have it.`)
  return image
}

const explainPull = (name: string, reason: string) =>
  `Could not pull the image ${name}: ${reason.replace(/\.$/, '')}. ` +
  'Check its name and the connection to its registry, or sign in to the registry with "docker login".'

/** Without a tag, the engine would pull all tags. A digest takes the place of a tag. */
export function splitTag(name: string): readonly [string, string] {
  const digest = name.indexOf('@')
  if (digest >= 0) return [name.slice(0, digest), name.slice(digest + 1)]
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? [name.slice(0, colon), name.slice(colon + 1)] : [name, 'latest']
}
