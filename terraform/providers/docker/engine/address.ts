// Determines the address of the Docker engine as Docker's command line does: configuration, environment, current context,
// then the usual sockets of Docker Desktop, rootless Docker, Colima and Podman.

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** PEM texts. */
export interface TlsFiles {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface EngineAddress {
  /** `unix://`, `npipe://`, `tcp://`, `http://`, `https://` or `ssh://`. */
  readonly url: string
  readonly tls?: TlsFiles
  /** Additional arguments of `ssh`. */
  readonly sshOptions?: readonly string[]
}

export interface EngineSettings {
  readonly host?: string | undefined
  readonly context?: string | undefined
  /** Folder with ca.pem, cert.pem and key.pem. */
  readonly certPath?: string | undefined
  readonly tls?: TlsFiles
  readonly sshOptions?: readonly string[]
}

/** @throws Error if a named context or a certificate does not exist */
export function resolveEngine(settings: EngineSettings, environment: Environment): EngineAddress {
  const { sshOptions = [] } = settings
  const certPath = settings.certPath ?? environment.DOCKER_CERT_PATH
  const usesTls = Boolean(settings.tls || settings.certPath || (certPath && environment.DOCKER_TLS_VERIFY))
  const tls = usesTls ? { ...(certPath && readCertificates(certPath)), ...settings.tls } : undefined
  const direct = (url: string): EngineAddress => ({ url, sshOptions, ...(tls && { tls }) })
  if (settings.host) return direct(settings.host)
  if (settings.context) return { ...readContext(settings.context, environment), sshOptions }
  if (environment.DOCKER_HOST) return direct(environment.DOCKER_HOST)
  const context = environment.DOCKER_CONTEXT ?? currentContext(environment)
  if (context && context !== 'default') return { ...readContext(context, environment), sshOptions }
  return direct(defaultUrl(environment))
}

const homeOf = ({ HOME, USERPROFILE }: Environment) => HOME ?? USERPROFILE ?? homedir()
const configDir = (environment: Environment) => environment.DOCKER_CONFIG ?? join(homeOf(environment), '.docker')

function defaultUrl(environment: Environment): string {
  if (process.platform === 'win32') return 'npipe:////./pipe/docker_engine'
  const home = homeOf(environment)
  const runtime = environment.XDG_RUNTIME_DIR
  const sockets = [
    '/var/run/docker.sock',
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    join(home, '.docker/run/docker.sock'),
    join(home, '.docker/desktop/docker.sock'),
    join(home, '.colima/default/docker.sock'),
    ...(runtime ? [join(runtime, 'podman/podman.sock')] : []),
    '/run/podman/podman.sock',
  ]
  return `unix://${sockets.find((path) => existsSync(path)) ?? sockets[0]}`
}

function currentContext(environment: Environment): string | undefined {
  const path = join(configDir(environment), 'config.json')
  if (!existsSync(path)) return undefined
  const { currentContext: name } = readJson(path) as { currentContext?: string }
  return name
}

interface ContextMetadata {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string } }
}

function readContext(name: string, environment: Environment): EngineAddress {
  const digest = createHash('sha256').update(name).digest('hex')
  const path = join(configDir(environment), 'contexts/meta', digest, 'meta.json')
  if (!existsSync(path))
    throw new Error(`The Docker context "${name}" does not exist. List contexts with: docker context ls.`)
  const url = (readJson(path) as ContextMetadata).Endpoints?.docker?.Host
  if (!url) throw new Error(`The Docker context "${name}" has no address. Correct it with: docker context update.`)
  const certificates = join(configDir(environment), 'contexts/tls', digest, 'docker')
  return existsSync(certificates) ? { url, tls: readCertificates(certificates) } : { url }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`Could not read ${path}: ${(error as Error).message}.`, { cause: error })
  }
}

function readCertificates(folder: string): TlsFiles {
  const read = (name: string) => {
    const path = join(folder, name)
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') }
}
