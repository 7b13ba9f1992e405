// Builds an image from a folder of the template: the folder as a tar archive, without the files that .dockerignore excludes.

import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, isAbsolute, join, relative, resolve } from 'node:path'
import { pack } from 'tar-stream'
import type { OperationContext } from '../../../provider.ts'
import {
  blocksField,
  boolField,
  listField,
  numberField,
  textField,
  textMapField,
  textsField,
} from '../../../values/fields.ts'
import type { ObjectValue } from '../../../values/value.ts'
import { readProgress } from '../engine/progress.ts'
import { createIgnoreMatcher } from './docker-ignore.ts'
import type { ImageSource } from './pull.ts'

/** @throws EngineError if a step of the Dockerfile fails, Error if the folder cannot be read */
export async function buildImage(
  { client }: ImageSource,
  name: string,
  block: ObjectValue,
  operation: OperationContext,
): Promise<void> {
  const remote = textField(block, 'remote_context')
  const folder = resolve(operation.dir, textField(block, 'context') ?? '.')
  if (!remote && !existsSync(folder))
    throw new Error(`The build context ${folder} does not exist. Correct "context" in the "build" block.`)
  const dockerfile = locateDockerfile(folder, textField(block, 'dockerfile'))
  const response = await client.open('POST', '/build', {
    query: buildQuery(name, block, dockerfile.name, remote),
    ...(!remote && { archive: archiveFolder(folder, dockerfile) }),
    headers: registryConfig(block),
    signal: operation.signal,
  })
  await readProgress(response, `Building ${name}`, operation)
}

interface Dockerfile {
  /** In the archive. */
  readonly name: string
  /** Outside the context. */
  readonly outsidePath?: string
}

function locateDockerfile(folder: string, given = 'Dockerfile'): Dockerfile {
  const inContext = isAbsolute(given) ? relative(folder, given) : given
  if (!inContext.startsWith('..')) return { name: inContext }
  return { name: `.dockerfile-${basename(given)}`, outsidePath: resolve(folder, given) }
}

const json = (value: unknown) => JSON.stringify(value)

function buildQuery(name: string, block: ObjectValue, dockerfile: string, remote: string | undefined) {
  const ulimits = blocksField(block, 'ulimit').map((limit) => ({
    Name: textField(limit, 'name'),
    Hard: numberField(limit, 'hard'),
    Soft: numberField(limit, 'soft'),
  }))
  const parameters = {
    dockerfile,
    remote,
    buildargs: json(textMapField(block, 'build_args')),
    labels: json({ ...textMapField(block, 'label'), ...textMapField(block, 'labels') }),
    cachefrom: json(textsField(block, 'cache_from')),
    extrahosts: textsField(block, 'extra_hosts').join(',') || undefined,
    nocache: boolField(block, 'no_cache'),
    rm: boolField(block, 'remove') ?? true,
    forcerm: boolField(block, 'force_remove'),
    pull: boolField(block, 'pull_parent'),
    squash: boolField(block, 'squash'),
    q: boolField(block, 'suppress_output'),
    target: textField(block, 'target'),
    platform: textField(block, 'platform'),
    networkmode: textField(block, 'network_mode'),
    cgroupparent: textField(block, 'cgroup_parent'),
    cpusetcpus: textField(block, 'cpu_set_cpus'),
    cpusetmems: textField(block, 'cpu_set_mems'),
    cpuperiod: numberField(block, 'cpu_period'),
    cpuquota: numberField(block, 'cpu_quota'),
    cpushares: numberField(block, 'cpu_shares'),
    memory: numberField(block, 'memory'),
    memswap: numberField(block, 'memory_swap'),
    shmsize: numberField(block, 'shm_size'),
    ulimits: ulimits.length > 0 ? json(ulimits) : undefined,
    securityopt: listField(block, 'security_opt').length > 0 ? json(textsField(block, 'security_opt')) : undefined,
  }
  return { ...parameters, t: [name, ...textsField(block, 'tag')] }
}

function registryConfig(block: ObjectValue): Record<string, string> {
  const auths = blocksField(block, 'auth_config').map((auth) => [
    textField(auth, 'host_name') ?? '',
    {
      username: textField(auth, 'user_name'),
      password: textField(auth, 'password'),
      auth: textField(auth, 'auth'),
      serveraddress: textField(auth, 'server_address') ?? textField(auth, 'host_name'),
      identitytoken: textField(auth, 'identity_token'),
      registrytoken: textField(auth, 'registry_token'),
    },
  ])
  if (auths.length === 0) return {}
  return { 'x-registry-config': Buffer.from(json(Object.fromEntries(auths))).toString('base64url') }
}

function archiveFolder(folder: string, dockerfile: Dockerfile) {
  const archive = pack()
  const isIgnored = createIgnoreMatcher(folder)
  const add = async (name: string): Promise<void> => {
    const path = join(folder, name)
    const status = lstatSync(path)
    const header = { name, mode: status.mode & 0o7777, mtime: status.mtime }
    const isExcluded = name !== '' && name !== dockerfile.name && isIgnored(name)
    if (status.isDirectory()) {
      if (name !== '' && !isExcluded) archive.entry({ ...header, type: 'directory' })
      // A pattern such as !folder/file can include a part of an excluded folder.
      for (const entry of readdirSync(path).sort()) await add(name === '' ? entry : `${name}/${entry}`)
    } else if (isExcluded) return
    else if (status.isSymbolicLink()) archive.entry({ ...header, type: 'symlink', linkname: readlinkSync(path) })
    else if (status.isFile()) await addFile(archive, header, readFileSync(path))
  }
  const addAll = async () => {
    await add('')
    const { outsidePath, name } = dockerfile
    if (outsidePath) await addFile(archive, { name }, readFileSync(outsidePath))
    archive.finalize()
  }
  addAll().catch((error: Error) => archive.destroy(error))
  return archive
}

type Pack = ReturnType<typeof pack>

const addFile = (
  archive: Pack,
  header: { name: string; mode?: number; mtime?: Date },
  content: Buffer,
): Promise<void> =>
  new Promise((done, reject) => {
    archive.entry(header, content, (error) => (error ? reject(error) : done()))
  })
