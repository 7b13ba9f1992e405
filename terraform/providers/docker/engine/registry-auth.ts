// Credentials of image registries: `registry_auth` blocks of the provider, then Docker's configuration file.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { blocksField, textField } from '../../../values/fields.ts'
import type { ObjectValue } from '../../../values/value.ts'
import type { DockerContext } from '../common/context.ts'

export interface RegistryAuth {
  readonly username?: string
  readonly password?: string
  readonly identitytoken?: string
  readonly serveraddress: string
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly credsStore?: string
}

/** Finds the credentials for the registry of an image. */
export type FindAuth = (image: string) => RegistryAuth | undefined

export function registryAuths(config: ObjectValue | undefined, environment: DockerContext['environment']): FindAuth {
  const blocks = config ? blocksField(config, 'registry_auth') : []
  const configured = new Map(
    blocks.flatMap((block) => {
      const auth = fromBlock(block)
      return auth ? [[normalize(auth.serveraddress), auth] as const] : []
    }),
  )
  return (image) => {
    const registry = registryOf(image)
    return configured.get(registry) ?? fromConfig(readDockerConfig(environment), registry)
  }
}

function fromBlock(block: ObjectValue): RegistryAuth | undefined {
  const serveraddress = textField(block, 'address') ?? ''
  const username = textField(block, 'username')
  if (username !== undefined) return { serveraddress, username, password: textField(block, 'password') ?? '' }
  const path = textField(block, 'config_file')
  const content =
    textField(block, 'config_file_content') ?? (path && existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  return content === undefined ? undefined : fromConfig(JSON.parse(content) as DockerConfig, normalize(serveraddress))
}

function readDockerConfig(environment: DockerContext['environment']): DockerConfig {
  const folder = environment.DOCKER_CONFIG ?? join(environment.HOME ?? homedir(), '.docker')
  const path = join(folder, 'config.json')
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as DockerConfig) : {}
}

function fromConfig(config: DockerConfig, registry: string): RegistryAuth | undefined {
  const helper = Object.entries(config.credHelpers ?? {}).find(([host]) => normalize(host) === registry)?.[1]
  const [address, entry] = Object.entries(config.auths ?? {}).find(([host]) => normalize(host) === registry) ?? []
  const store = helper ?? (address !== undefined && !entry?.auth ? config.credsStore : undefined)
  if (store) return fromHelper(store, address ?? registry)
  if (address === undefined || !entry?.auth) return undefined
  if (entry.identitytoken) return { serveraddress: address, identitytoken: entry.identitytoken }
  const [username = '', ...password] = Buffer.from(entry.auth, 'base64').toString().split(':')
  return { serveraddress: address, username, password: password.join(':') }
}

/** Docker's credential helpers answer with the credentials of the address on their standard input. */
function fromHelper(name: string, address: string): RegistryAuth | undefined {
  try {
    const output = execFileSync(`docker-credential-${name}`, ['get'], {
      input: address,
      stdio: 'pipe',
      encoding: 'utf8',
    })
    const { Username, Secret } = JSON.parse(output) as { Username: string; Secret: string }
    return Username === '<token>'
      ? { serveraddress: address, identitytoken: Secret }
      : { serveraddress: address, username: Username, password: Secret }
  } catch {
    // The helper has no credentials of this registry: public images need none.
    return undefined
  }
}

/** The first part of an image's name is a registry if it has a dot or port, or is localhost. */
function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/')
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  return isHost ? first : 'docker.io'
}

function normalize(address: string): string {
  const host = address.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host
}

/** The header with the credentials. */
export const authHeader = (auth: RegistryAuth | undefined): Record<string, string> =>
  auth ? { 'x-registry-auth': Buffer.from(JSON.stringify(auth)).toString('base64url') } : {}
