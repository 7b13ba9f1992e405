// `provisioner "file"`: puts a file, a folder or a text on another machine.

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
    const given = ['source', 'content'].filter((name) => config.entries.get(name)?.kind !== 'null')
    if (given.length === 1) return []
    const summary =
      given.length > 1 ? "Cannot set both 'source' and 'content'" : "Must provide one of 'source' or 'content'"
    return [{ ...failure('Exactly one of "source" and "content" says what is to be put there.'), summary }]
  },
  run: (config, context, connection) => upload(config, context, connection),
}

async function upload(
  config: ObjectValue,
  context: OperationContext,
  connection: ObjectValue | undefined,
): Promise<readonly ProviderDiagnostic[]> {
  if (!connection) return [failure('It needs a connection block that says how to reach the machine.')]
  let remote: Remote | undefined
  try {
    const onLine = (line: string) => context.log('info', line)
    remote = await connect(connection, { signal: context.signal, onLine })
    const destination = textField(config, 'destination') ?? ''
    const content = textField(config, 'content')
    if (content !== undefined) await put(remote, destination, { input: content })
    else await putSource(remote, context.dir, textField(config, 'source') ?? '', destination)
    return []
  } catch (error) {
    return [failure((error as Error).message)]
  } finally {
    remote?.close()
  }
}

/** A folder is put into the destination, its content only where its name ends in a slash. */
async function putSource(remote: Remote, dir: string, source: string, destination: string): Promise<void> {
  const path = resolve(dir, source)
  if (!statSync(path).isDirectory()) {
    const isFolder = destination.endsWith('/')
    await put(remote, isFolder ? posix.join(destination, basename(path)) : destination, {
      input: createReadStream(path),
    })
    return
  }
  await putFolder(remote, path, source.endsWith('/') ? destination : posix.join(destination, basename(path)))
}

async function putFolder(remote: Remote, from: string, to: string): Promise<void> {
  if ((await remote.run(`mkdir -p ${quoteForShell(to)}`)) !== 0) throw new Error(`The folder ${to} could not be made.`)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [inner, target] = [join(from, entry.name), posix.join(to, entry.name)]
    if (entry.isDirectory()) await putFolder(remote, inner, target)
    else await put(remote, target, { input: createReadStream(inner) })
  }
}

async function put(remote: Remote, path: string, input: CommandInput): Promise<void> {
  const status = await remote.run(`cat > ${quoteForShell(path)}`, input)
  if (status !== 0) throw new Error(`The file ${path} could not be written there.`)
}
