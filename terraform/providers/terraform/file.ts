// `provisioner "file"`: uploads a file, a folder or a text to a remote machine.

import { createReadStream, readdirSync, statSync } from 'node:fs'
import { basename, join, posix, resolve } from 'node:path'
import type { OperationContext, ProviderDiagnostic, ProvisionerType } from '../../provider.ts'
import { noBlocks, optional, required, text } from '../../provider-schema.ts'
import { textField } from '../../values/fields.ts'
import type { ObjectValue } from '../../values/value.ts'
import { type CommandInput, connect, connectionSchema, quoteForShell, type Remote } from './ssh.ts'

const failure = (detail: string): ProviderDiagnostic => ({
  severity: 'error',
  summary: 'file provisioner error',
  detail,
})

export const fileProvisioner: ProvisionerType = {
  schema: {
    attributes: { source: optional(text), content: optional(text), destination: required(text) },
    blocks: noBlocks,
  },
  connection: connectionSchema,
  validate: (config) => {
    const set = ['source', 'content'].filter((name) => config.entries.get(name)?.kind !== 'null')
    if (set.length === 1) return []
    const summary =
      set.length > 1 ? "Cannot set both 'source' and 'content'" : "Must provide one of 'source' or 'content'"
    return [{ ...failure('Exactly one of "source" and "content" must be set.'), summary }]
  },
  run: (config, context, connection) => upload(config, context, connection),
}

async function upload(
  config: ObjectValue,
  context: OperationContext,
  connection: ObjectValue | undefined,
): Promise<readonly ProviderDiagnostic[]> {
  if (!connection) return [failure('The provisioner requires a connection block.')]
  let remote: Remote | undefined
  try {
    const onLine = (line: string) => context.log('info', line)
    remote = await connect(connection, { signal: context.signal, onLine })
    const destination = textField(config, 'destination') ?? ''
    const content = textField(config, 'content')
    if (content !== undefined) await writeRemoteFile(remote, destination, { input: content })
    else await uploadSource(remote, context.dir, textField(config, 'source') ?? '', destination)
    return []
  } catch (error) {
    return [failure((error as Error).message)]
  } finally {
    remote?.close()
  }
}

/** Uploads a folder into the destination; only its content if the source ends with a slash. */
async function uploadSource(remote: Remote, dir: string, source: string, destination: string): Promise<void> {
  const path = resolve(dir, source)
  if (!statSync(path).isDirectory()) {
    const isFolder = destination.endsWith('/')
    await writeRemoteFile(remote, isFolder ? posix.join(destination, basename(path)) : destination, {
      input: createReadStream(path),
    })
    return
  }
  await uploadFolder(remote, path, source.endsWith('/') ? destination : posix.join(destination, basename(path)))
}

async function uploadFolder(remote: Remote, from: string, to: string): Promise<void> {
  if ((await remote.run(`mkdir -p ${quoteForShell(to)}`)) !== 0)
    throw new Error(`Could not create the folder ${to} on the remote machine.`)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [inner, target] = [join(from, entry.name), posix.join(to, entry.name)]
    if (entry.isDirectory()) await uploadFolder(remote, inner, target)
    else await writeRemoteFile(remote, target, { input: createReadStream(inner) })
  }
}

async function writeRemoteFile(remote: Remote, path: string, input: CommandInput): Promise<void> {
  const status = await remote.run(`cat > ${quoteForShell(path)}`, input)
  if (status !== 0) throw new Error(`Could not write the file ${path} on the remote machine.`)
}
