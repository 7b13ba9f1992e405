// `provisioner "local-exec"`: runs a command on the provisioner's machine and logs its output.

import { type ChildProcess, spawn } from 'node:child_process'
import { resolve as resolvePath } from 'node:path'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'
import type { OperationContext, ProviderDiagnostic, ProvisionerType } from '../../provider.ts'
import { flag, noBlocks, optional, required, text, textMap, texts } from '../../provider-schema.ts'
import { boolField, textField, textMapField, textsField } from '../../values/fields.ts'
import { deepMarks, type ObjectValue } from '../../values/value.ts'

const failure = (detail: string): ProviderDiagnostic => ({
  severity: 'error',
  summary: 'local-exec provisioner error',
  detail,
})

export function localExec(environment: Readonly<Record<string, string | undefined>>): ProvisionerType {
  return {
    schema: {
      attributes: {
        command: required(text),
        interpreter: optional(texts),
        working_dir: optional(text),
        environment: optional(textMap),
        quiet: optional(flag),
      },
      blocks: noBlocks,
    },
    validate: (config) => {
      const command = config.entries.get('command')
      if (command?.kind !== 'string' || command.value !== '') return []
      return [{ ...failure('The command is empty.'), summary: 'Invalid local-exec provisioner command' }]
    },
    run: (config, context) => run(config, context, environment),
  }
}

async function run(
  config: ObjectValue,
  context: OperationContext,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly ProviderDiagnostic[]> {
  const command = textField(config, 'command') ?? ''
  if (command === '') return [failure('The command is empty.')]
  const [program = '/bin/sh', ...args] = interpreterOf(config)
  // Commands and output with sensitive values are not logged.
  const isSecret = deepMarks(config) !== 0
  if (!boolField(config, 'quiet'))
    context.log('info', isSecret ? 'Executing a command with sensitive values' : `Executing: ${command}`)
  const [guardProgram = program, ...guardArgs] = withGuard([program, ...args, command])
  const child = spawn(guardProgram, guardArgs, {
    cwd: resolvePath(context.dir, textField(config, 'working_dir') ?? '.'),
    env: { ...environment, ...textMapField(config, 'environment') },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  })
  releaseGuard(child)
  const abort = () => terminateGroup(child)
  context.signal.addEventListener('abort', abort, { once: true })
  try {
    return await waitForExit(child, context, isSecret, command)
  } finally {
    context.signal.removeEventListener('abort', abort)
  }
}

function interpreterOf(config: ObjectValue): string[] {
  const interpreter = textsField(config, 'interpreter')
  if (interpreter.length > 0) return interpreter
  return process.platform === 'win32' ? ['cmd', '/C'] : ['/bin/sh', '-c']
}

// Waits for a line on the pipe. If the pipe closes without one, this process was killed: the guard then kills the command's
// process group.
const guard = '(read -r word <&3 || kill -9 -$$) </dev/null >/dev/null 2>&1 & exec 3<&-; exec "$@"'

const withGuard = (command: readonly string[]): readonly string[] =>
  process.platform === 'win32' ? command : ['/bin/sh', '-c', guard, 'local-exec', ...command]

/** Releases the guard when the command exits, so that its intended background processes survive. */
function releaseGuard(child: ChildProcess): void {
  const pipe = child.stdio[3] as Writable
  // EPIPE if the command did not start or the guard was killed.
  pipe.on('error', () => undefined)
  child.once('exit', () => pipe.end('over\n'))
}

function terminateGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    process.kill(-child.pid, 'SIGTERM')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function waitForExit(
  child: ChildProcess,
  context: OperationContext,
  isSecret: boolean,
  command: string,
): Promise<readonly ProviderDiagnostic[]> {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue
    const lines = createInterface({ input: stream })
    if (isSecret) lines.resume()
    else lines.on('line', (line) => context.log('info', line))
  }
  const shown = isSecret ? 'The command' : `The command ${JSON.stringify(command)}`
  return new Promise((resolve) => {
    child.once('error', (error) => resolve([failure(`${shown} could not be started: ${error.message}.`)]))
    child.once('close', (code, signal) => {
      if (code === 0) resolve([])
      else resolve([failure(`${shown} ${signal ? `was terminated by ${signal}` : `failed with exit status ${code}`}.`)])
    })
  })
}
