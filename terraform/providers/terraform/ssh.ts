// Connects provisioners to remote machines with the system's OpenSSH client. Keys and passwords are in files of a private
// folder that is removed with the connection.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BlockSchema } from '../../provider.ts'
import { flag, noBlocks, num, optional, required, sensitive, text } from '../../provider-schema.ts'
import { boolField, numberField, textField } from '../../values/fields.ts'
import { type ObjectValue, withoutAnyMarks } from '../../values/value.ts'

export const connectionSchema: BlockSchema = {
  attributes: {
    type: optional(text),
    user: optional(text),
    password: sensitive(optional(text)),
    host: required(text),
    port: optional(num),
    timeout: optional(text),
    script_path: optional(text),
    target_platform: optional(text),
    private_key: sensitive(optional(text)),
    certificate: optional(text),
    host_key: optional(text),
    agent: optional(flag),
    agent_identity: optional(text),
    bastion_host: optional(text),
    bastion_host_key: optional(text),
    bastion_port: optional(num),
    bastion_user: optional(text),
    bastion_password: sensitive(optional(text)),
    bastion_private_key: sensitive(optional(text)),
    bastion_certificate: optional(text),
    proxy_scheme: optional(text),
    proxy_host: optional(text),
    proxy_port: optional(num),
    proxy_user_name: optional(text),
    proxy_user_password: sensitive(optional(text)),
    https: optional(flag),
    insecure: optional(flag),
    use_ntlm: optional(flag),
    cacert: optional(text),
  },
  blocks: noBlocks,
}

export interface RemoteOptions {
  readonly signal: AbortSignal
  /** Receives each output line of commands. */
  onLine(line: string): void
}

export interface CommandInput {
  /** The command's standard input. */
  readonly input?: Readable | string
  /** Whether to log the output. Default: true. */
  readonly isLogged?: boolean
}

/** A connected remote machine. */
export interface Remote {
  /** The upload path of scripts. */
  readonly scriptPath: string | undefined
  /** Resolves with the exit status. */
  run(command: string, input?: CommandInput): Promise<number>
  close(): void
}

// Terraform's default: a new machine may still be starting.
const defaultTimeoutMs = 5 * 60_000
const retryIntervalMs = 1000
// OpenSSH's exit status for its own errors.
const sshFailure = 255

/** @throws Error with the reason if the machine is not reachable. */
export async function connect(config: ObjectValue, options: RemoteOptions): Promise<Remote> {
  const connection = withoutAnyMarks(config) as ObjectValue
  const unsupported = findUnsupported(connection)
  if (unsupported) throw new Error(unsupported)
  const folder = mkdtempSync(join(tmpdir(), 'remote-'))
  const remote = new SshRemote(connection, folder, options)
  try {
    await remote.wait(durationMs(textField(connection, 'timeout')))
    return remote
  } catch (error) {
    remote.close()
    throw error
  }
}

function findUnsupported(connection: ObjectValue): string | undefined {
  const type = textField(connection, 'type') ?? 'ssh'
  if (type !== 'ssh') return `Connections of type "${type}" are not supported; use "ssh".`
  const isProxied = textField(connection, 'proxy_host') !== undefined
  return isProxied ? 'Proxy connections are not supported; use a bastion host.' : undefined
}

/** `90s`, `5m`, `1h30m`. */
function durationMs(text: string | undefined): number {
  if (text === undefined) return defaultTimeoutMs
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)]
  if (parts.map(([part]) => part).join('') !== text || parts.length === 0)
    throw new Error(`"${text}" is not a duration. Use a value such as "30s" or "5m".`)
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0)
}

class SshRemote implements Remote {
  readonly scriptPath: string | undefined
  readonly #folder: string
  readonly #options: RemoteOptions
  readonly #arguments: readonly string[]
  readonly #environment: NodeJS.ProcessEnv
  #lastErrorLine = ''

  constructor(connection: ObjectValue, folder: string, options: RemoteOptions) {
    this.#folder = folder
    this.#options = options
    this.scriptPath = textField(connection, 'script_path')
    this.#arguments = this.#sshArguments(connection)
    const password = textField(connection, 'password')
    this.#environment = { ...process.env, ...(password !== undefined && this.#askpassEnvironment(password)) }
  }

  #writeFile(name: string, content: string): string {
    const path = join(this.#folder, name)
    writeFileSync(path, content.endsWith('\n') ? content : `${content}\n`, { mode: 0o600 })
    return path
  }

  /** OpenSSH gets the password from an askpass program, which reads it from a file. */
  #askpassEnvironment(password: string): NodeJS.ProcessEnv {
    const file = this.#writeFile('password', password)
    const program = join(this.#folder, 'ask')
    writeFileSync(program, `#!/bin/sh\ncat '${file}'\n`, { mode: 0o700 })
    return { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: process.env.DISPLAY ?? ':' }
  }

  #sshArguments(connection: ObjectValue): string[] {
    const host = textField(connection, 'host') ?? ''
    const port = numberField(connection, 'port') ?? 22
    const bastion = textField(connection, 'bastion_host')
    return [
      ...this.#hostOptions(host, port, textField(connection, 'host_key'), 'known'),
      ...this.#identityOptions(connection, 'private_key', 'certificate', 'key'),
      ...this.#agentOptions(connection),
      ...(bastion === undefined ? [] : ['-o', `ProxyCommand=${this.#bastionCommand(connection, bastion)}`]),
      '-p',
      String(port),
      '-l',
      textField(connection, 'user') ?? 'root',
      // The host is never an option, even if it begins with a dash.
      '--',
      host,
    ]
  }

  #hostOptions(host: string, port: number, key: string | undefined, name: string): string[] {
    const knownHosts = this.#writeFile(
      name,
      key === undefined ? '' : `${port === 22 ? host : `[${host}]:${port}`} ${key}`,
    )
    return [
      ...['-F', 'none', '-T'],
      ...['-o', 'LogLevel=ERROR', '-o', 'ConnectTimeout=15', '-o', 'NumberOfPasswordPrompts=1'],
      ...['-o', `StrictHostKeyChecking=${key === undefined ? 'no' : 'yes'}`, '-o', `UserKnownHostsFile=${knownHosts}`],
      ...['-o', 'GlobalKnownHostsFile=none'],
    ]
  }

  #identityOptions(connection: ObjectValue, keyName: string, certificateName: string, name: string): string[] {
    const key = textField(connection, keyName)
    const certificate = textField(connection, certificateName)
    return [
      ...(key === undefined ? [] : ['-i', this.#writeFile(name, key), '-o', 'IdentitiesOnly=yes']),
      ...(certificate === undefined
        ? []
        : ['-o', `CertificateFile=${this.#writeFile(`${name}-certificate`, certificate)}`]),
    ]
  }

  #agentOptions(connection: ObjectValue): string[] {
    return boolField(connection, 'agent') === false ? ['-o', 'IdentityAgent=none'] : []
  }

  #bastionCommand(connection: ObjectValue, bastion: string): string {
    const port = numberField(connection, 'bastion_port') ?? numberField(connection, 'port') ?? 22
    const keyName = textField(connection, 'bastion_private_key') === undefined ? 'private_key' : 'bastion_private_key'
    const user = textField(connection, 'bastion_user') ?? textField(connection, 'user') ?? 'root'
    const words = [
      'ssh',
      ...this.#hostOptions(bastion, port, textField(connection, 'bastion_host_key'), 'bastion-known'),
      ...this.#identityOptions(connection, keyName, 'bastion_certificate', 'bastion-key'),
      ...['-W', '[%h]:%p', '-p', String(port), '-l', user, '--', bastion],
    ]
    return words.map(quoteForShell).join(' ')
  }

  /** Retries until the machine accepts a connection. */
  async wait(timeoutMs: number): Promise<void> {
    const end = performance.now() + timeoutMs
    for (;;) {
      if (this.#options.signal.aborted) throw new Error('The connection was canceled.')
      if ((await this.run('exit 0', { isLogged: false })) === 0) return
      if (performance.now() > end)
        throw new Error(`No connection after ${Math.round(timeoutMs / 1000)} s: ${this.#lastErrorLine || 'no answer'}.`)
      await sleep(retryIntervalMs)
    }
  }

  run(command: string, { input, isLogged = true }: CommandInput = {}): Promise<number> {
    const child = spawn('ssh', [...this.#arguments, command], {
      env: this.#environment,
      stdio: ['pipe', 'pipe', 'pipe'],
      // Without a terminal, OpenSSH uses the askpass program.
      detached: true,
    })
    this.#send(child, input)
    this.#readOutput(child, isLogged)
    const abort = () => child.kill('SIGTERM')
    this.#options.signal.addEventListener('abort', abort, { once: true })
    return new Promise((resolve, reject) => {
      child.once('error', (error) => reject(new Error(`Could not start ssh: ${error.message}.`)))
      child.once('close', (code) => {
        this.#options.signal.removeEventListener('abort', abort)
        resolve(code ?? sshFailure)
      })
    })
  }

  #send(child: ChildProcess, input: Readable | string | undefined): void {
    // EPIPE if the command exits early; its exit status is the result.
    child.stdin?.on('error', () => undefined)
    if (input instanceof Readable) input.pipe(child.stdin as NodeJS.WritableStream)
    else child.stdin?.end(input ?? '')
  }

  #readOutput(child: ChildProcess, isLogged: boolean): void {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue
      createInterface({ input: stream }).on('line', (line) => {
        if (stream === child.stderr) this.#lastErrorLine = line
        if (isLogged) this.#options.onLine(line)
      })
    }
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

export const quoteForShell = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
