// `provisioner "remote-exec"`: runs commands or scripts on a remote machine and logs their output.

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { OperationContext, ProviderDiagnostic, ProvisionerType } from '../../provider.ts'
import { noBlocks, optional, text, texts } from '../../provider-schema.ts'
import { textField, textsField } from '../../values/fields.ts'
import { deepMarks, type ObjectValue } from '../../values/value.ts'
import { connect, connectionSchema, quoteForShell, type Remote } from './ssh.ts'

const failure = (detail: string): ProviderDiagnostic => ({
  severity: 'error',
  summary: 'remote-exec provisioner error',
  detail,
})

export const remoteExec: ProvisionerType = {
  schema: {
    attributes: { inline: optional(texts), script: optional(text), scripts: optional(texts) },
    blocks: noBlocks,
  },
  connection: connectionSchema,
  validate: (config) => {
    const set = ['inline', 'script', 'scripts'].filter((name) => config.entries.get(name)?.kind !== 'null')
    if (set.length === 1) return []
    const summary = 'Invalid remote-exec provisioner configuration'
    return [{ ...failure('Exactly one of "inline", "script" and "scripts" must be set.'), summary }]
  },
  run: (config, context, connection) => runScripts(config, context, connection),
}

async function runScripts(
  config: ObjectValue,
  context: OperationContext,
  connection: ObjectValue | undefined,
): Promise<readonly ProviderDiagnostic[]> {
  if (!connection) return [failure('The provisioner requires a connection block.')]
  const isSecret = deepMarks(config) !== 0
  const onLine = (line: string) => {
    if (!isSecret) context.log('info', line)
  }
  let remote: Remote | undefined
  try {
    const scripts = scriptsOf(config, context.dir)
    context.log('info', 'Connecting to remote host via SSH...')
    remote = await connect(connection, { signal: context.signal, onLine })
    context.log('info', 'Connected!')
    for (const script of scripts) {
      const status = await runScript(remote, script)
      if (status !== 0) return [failure(`A script failed with exit status ${status}.`)]
    }
    return []
  } catch (error) {
    return [failure((error as Error).message)]
  } finally {
    remote?.close()
  }
}

function scriptsOf(config: ObjectValue, dir: string): string[] {
  const inline = textsField(config, 'inline')
  if (inline.length > 0) return [`${inline.join('\n')}\n`]
  const script = textField(config, 'script')
  const paths = script === undefined ? textsField(config, 'scripts') : [script]
  return paths.map((path) => readFileSync(resolve(dir, path), 'utf8'))
}

/** Runs the script as a file, so that it can have its own interpreter and read standard input. */
async function runScript(remote: Remote, script: string): Promise<number> {
  const random = randomBytes(4).readUInt32BE()
  const path = (remote.scriptPath ?? '/tmp/terraform_%RAND%.sh').replaceAll('%RAND%', String(random))
  const file = quoteForShell(path)
  const text = script.startsWith('#!') ? script : `#!/bin/sh\n${script}`
  const uploadStatus = await remote.run(`umask 077 && cat > ${file} && chmod 0700 ${file}`, { input: text })
  if (uploadStatus !== 0) throw new Error(`Could not upload the script to ${path}.`)
  const status = await remote.run(file)
  await remote.run(`rm -f ${file}`, { isLogged: false })
  return status
}
