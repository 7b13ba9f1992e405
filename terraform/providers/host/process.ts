// `host_process`: a process on this computer in its own session, so that it outlives the provisioner. Identified by pid, start
// time and boot; only a process that matches all three is ever signaled.

import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { identifyProcess } from '../../../lib/process-identity.ts'
import { explainResourceError } from '../../../lib/resource-errors.ts'
import type { OperationContext, Outcome, ProviderDiagnostic, ResourceType } from '../../provider.ts'
import {
  computed,
  forceNew,
  noBlocks,
  num,
  optional,
  optionalComputed,
  required,
  text,
  textMap,
  texts,
} from '../../provider-schema.ts'
import { listField, numberField, textField, textMapField, textsField, withFields } from '../../values/fields.ts'
import { int, type ObjectValue, string } from '../../values/value.ts'
import type { HostContext } from './context.ts'
import { processEnvironment } from './environment.ts'
import { deleteProcessRecord, processMarker, recordIntent, recordProcess } from './process-record.ts'
import { terminateProcessTree } from './process-tree.ts'
import { workspaceDir } from './workspace-dir.ts'

const schema: ResourceType['schema'] = {
  attributes: {
    id: computed(text),
    pid: computed(num),
    started_at: computed(text),
    boot_id: computed(text),
    command: forceNew(required(texts)),
    environment: forceNew(optional(textMap)),
    directory: forceNew(optional(text)),
    log_path: forceNew(optionalComputed(text)),
  },
  blocks: noBlocks,
}

export function processResource(context: HostContext): ResourceType {
  return {
    schema,
    validate: validateCommand,
    plan: ({ proposed, prior }) => ({ planned: proposed, diagnostics: prior ? [] : checkDirectory(proposed) }),
    read: async (current) => ({ value: isRunning(current, context) ? current : null }),
    create: (planned, operation) => start(planned, context, operation),
    update: async (_prior, planned) => ({ value: planned }),
    delete: (prior, operation) => stop(prior, context, operation),
  }
}

const problem = (summary: string, detail: string, ...path: (string | number)[]): ProviderDiagnostic => ({
  severity: 'error',
  summary,
  detail,
  path,
})

function validateCommand(config: ObjectValue): readonly ProviderDiagnostic[] {
  const command = config.entries.get('command')
  if (command?.kind === 'unknown') return []
  const parts = listField(config, 'command')
  if (parts.length === 0)
    return [problem('Invalid command', 'The list must contain the program and its arguments; it is empty.', 'command')]
  if (parts.some((part) => part.kind === 'null'))
    return [problem('Invalid command', 'The elements of the list must not be null.', 'command')]
  return []
}

function isRunning(current: ObjectValue, { bootId }: HostContext): boolean {
  if (textField(current, 'boot_id') !== bootId) return false
  const identity = identifyProcess(numberField(current, 'pid') ?? 0)
  return identity !== null && identity.startedAt === textField(current, 'started_at')
}

async function start(planned: ObjectValue, context: HostContext, operation: OperationContext): Promise<Outcome> {
  const [program = '', ...args] = textsField(planned, 'command')
  const directory = textField(planned, 'directory') ?? homedir()
  const problems = checkDirectory(planned)
  if (problems.length > 0) return { value: null, diagnostics: problems }
  const logPath = textField(planned, 'log_path') ?? join(workspaceDir(context), `${operation.name}.log`)
  const log = openLog(logPath)
  if (typeof log !== 'number') return { value: null, diagnostics: [log] }
  const id = randomUUID()
  try {
    recordIntent(context, id)
    const environment = { ...processEnvironment(context, textMapField(planned, 'environment')), [processMarker]: id }
    const started = await launch(program, args, directory, environment, log, (pid) => recordProcess(context, id, pid))
    if (typeof started === 'number') return identify(planned, id, started, logPath, context)
    deleteProcessRecord(context, id)
    return { value: null, diagnostics: [started] }
  } catch (error) {
    return { value: null, diagnostics: [recordingFailure(error)] }
  } finally {
    closeSync(log)
  }
}

function recordingFailure(error: unknown): ProviderDiagnostic {
  const reason = error instanceof Error ? error.message : String(error)
  const detail = `Could not record the process: ${reason}. Free disk space for the data folder.`
  return problem('Process not recorded', detail, 'command')
}

/** Checked during planning, so that a build creates nothing for a process that cannot start. */
function checkDirectory(planned: ObjectValue): readonly ProviderDiagnostic[] {
  const directory = textField(planned, 'directory')
  if (directory === undefined || statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return []
  const detail = `The process cannot start in ${JSON.stringify(directory)}: the folder does not exist. Create it, or choose another one.`
  return [problem('No such folder', detail, 'directory')]
}

function openLog(path: string): number | ProviderDiagnostic {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return openSync(path, 'a', 0o600)
  } catch (error) {
    return problem(
      'Log not writable',
      `Could not open the log of the process at ${path}: ${explainResourceError(error) ?? `${(error as Error).message}.`}`,
      'log_path',
    )
  }
}

/** Starts the program. Calls `onPid` synchronously, before this process can be interrupted. */
function launch(
  program: string,
  args: readonly string[],
  directory: string,
  environment: Record<string, string>,
  log: number,
  onPid: (pid: number) => void,
): Promise<number | ProviderDiagnostic> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: directory,
      env: environment,
      detached: true,
      stdio: ['ignore', log, log],
    })
    try {
      if (child.pid !== undefined) onPid(child.pid)
    } catch (error) {
      child.kill('SIGKILL')
      resolve(recordingFailure(error))
    }
    child.once('spawn', () => {
      child.unref()
      resolve(child.pid as number)
    })
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve(problem('Process did not start', describeLaunchError(program, error), 'command')),
    )
  })
}

function describeLaunchError(program: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT')
    return `The program ${JSON.stringify(program)} was not found. Use its full path, or a program in PATH.`
  if (error.code === 'EACCES')
    return `Permission denied for ${JSON.stringify(program)}: the file is not executable, or its folder is not accessible.`
  return `Could not start ${JSON.stringify(program)}: ${explainResourceError(error) ?? `${error.message}.`}`
}

function identify(planned: ObjectValue, id: string, pid: number, logPath: string, context: HostContext): Outcome {
  const identity = identifyProcess(pid)
  if (!identity) {
    return {
      value: null,
      diagnostics: [
        problem('Process exited immediately', `The last lines of ${logPath}:\n${lastLines(logPath)}`, 'command'),
      ],
    }
  }
  const computed = {
    id: string(id),
    pid: int(pid),
    started_at: string(identity.startedAt),
    boot_id: string(context.bootId),
    log_path: string(logPath),
  }
  return { value: withFields(planned, computed) }
}

const shownLines = 10

function lastLines(path: string): string {
  return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-shownLines).join('\n')
}

async function stop(prior: ObjectValue, context: HostContext, operation: OperationContext): Promise<Outcome> {
  const pid = numberField(prior, 'pid') ?? 0
  const hasExited = !isRunning(prior, context)
  const stuck = hasExited ? [] : await terminateProcessTree(pid, textField(prior, 'started_at') ?? '', operation.signal)
  if (stuck.length === 0) {
    deleteProcessRecord(context, textField(prior, 'id') ?? '')
    return { value: null }
  }
  return {
    value: prior,
    diagnostics: [
      problem(
        'Process does not exit',
        `These processes were killed but did not exit: ${stuck.join(', ')}. They may be waiting for a disk or a network drive. Try again later.`,
      ),
    ],
  }
}
