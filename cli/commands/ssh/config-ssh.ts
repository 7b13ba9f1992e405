// `coder config-ssh`: configures the SSH client of this computer, so that `ssh coder.dev` and `ssh dev.coder` connect to
// the workspace `dev`.

import { mkdirSync, readFileSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { getSshConfig } from '../../../api/deployment/deployment.ts'
import { connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import type { WaitMode } from '../../dial/reach-agent.ts'
import { ownCommand } from '../../launch/entrypoints.ts'
import { CommandError } from '../../output/errors.ts'
import { note, print } from '../../output/print.ts'
import { confirm } from '../../prompts/prompts.ts'
import { proxyCommandLine, unverifiedHostOptions } from './openssh-client.ts'
import {
  buildSection,
  readSectionOptions,
  replaceSection,
  type SectionOptions,
  type SshHost,
} from './ssh-config-section.ts'

interface ConfigSshOptions extends GlobalOptions, SectionOptions {
  readonly wait: WaitMode
  readonly sshConfigFile: string
  readonly coderBinaryPath?: string
  readonly skipProxyCommand?: boolean
  readonly usePreviousOptions?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

export async function configSsh(_args: readonly string[], options: ConfigSshOptions): Promise<void> {
  const { client } = await connect(options)
  const deployment = await client.call(getSshConfig)
  const file = resolve(options.sshConfigFile.replace(/^~(?=\/)/, homedir()))
  const before = readText(file)
  const previous = options.usePreviousOptions ? readSectionOptions(before) : undefined
  const used = previous ?? recordedOptions(options)
  const prefix = used.sshHostPrefix ?? deployment.hostname_prefix
  const suffix = (used.hostnameSuffix ?? deployment.hostname_suffix).replace(/^\./, '')
  const proxy = (...flags: string[]) =>
    options.skipProxyCommand ? {} : { proxyCommand: proxyOf(options, used, flags) }
  const hosts: SshHost[] = [
    ...(prefix ? [{ pattern: `${prefix}*`, ...proxy('--ssh-host-prefix', prefix) }] : []),
    ...(suffix ? [{ pattern: `*.${suffix}`, ...proxy('--hostname-suffix', suffix) }] : []),
  ]
  const lines = [
    ...(used.sshOption ?? []),
    ...Object.entries({ ...deployment.ssh_config_options }).map((entry) => entry.join(' ')),
    ...Object.entries({ ...unverifiedHostOptions, ConnectTimeout: '0' }).map((entry) => entry.join(' ')),
  ]
  const section = buildSection(hosts, lines, used)
  const after = replaceSection(before, section)
  const example = prefix ? `ssh ${prefix}WORKSPACE` : `ssh WORKSPACE.${suffix}`
  if (after === before) return print(`${file} is up to date. Connect with \`${example}\`.`)
  if (options.dryRun) {
    note(`${file} would contain this section:`)
    return print(section.trimEnd())
  }
  await confirm(`Write the section for workspaces to ${file}?`, { skip: options.yes ?? false, defaultsToYes: true })
  replaceFile(file, after)
  print(`Updated ${file}. Connect with \`${example}\`.`)
}

const recordedOptions = ({ sshHostPrefix, hostnameSuffix, sshOption, wait, disableAutostart }: ConfigSshOptions) => ({
  ...(sshHostPrefix !== undefined && { sshHostPrefix }),
  ...(hostnameSuffix !== undefined && { hostnameSuffix }),
  ...(sshOption && { sshOption }),
  ...(wait !== 'auto' && { wait }),
  ...(disableAutostart && { disableAutostart }),
})

/** Never contains a session token: the command uses the stored login, or signs in to the deployment on this computer. */
function proxyOf(
  { url, globalConfig, coderBinaryPath }: ConfigSshOptions,
  { wait, disableAutostart }: SectionOptions,
  flags: readonly string[],
): string {
  const selection = [
    ...(globalConfig ? ['--global-config', resolve(globalConfig)] : []),
    ...(url ? ['--url', url] : []),
  ]
  const behavior = [...(wait ? [`--wait=${wait}`] : []), ...(disableAutostart ? ['--disable-autostart'] : [])]
  const words = [...selection, 'ssh', '--stdio', ...behavior, ...flags]
  return `${proxyCommandLine(coderBinaryPath ? [coderBinaryPath, ...words] : ownCommand(...words))} %h`
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new CommandError(`Could not read ${file}.`, { detail: (error as Error).message })
  }
}

/** Keeps the mode of the file, and a symbolic link to it. An interrupted write leaves the earlier file. */
function replaceFile(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    const existing = statSync(file, { throwIfNoEntry: false })
    const target = existing ? realpathSync(file) : file
    writeFileSync(`${target}.coder-new`, text, { mode: (existing?.mode ?? 0o600) & 0o777 })
    renameSync(`${target}.coder-new`, target)
  } catch (error) {
    throw new CommandError(`Could not write ${file}.`, { detail: (error as Error).message })
  }
}
