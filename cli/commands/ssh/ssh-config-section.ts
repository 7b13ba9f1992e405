// The section of `coder config-ssh` in an OpenSSH configuration. Text outside of it is never changed.

import { CommandError } from '../../output/errors.ts'

const start = '# ------------START-CODER-LOCAL------------'
const end = '# ------------END-CODER-LOCAL--------------'
const notice = '# Written by `coder config-ssh`, which replaces this section.'
/** Precedes the options of the last run, for --use-previous-options. */
const optionsLabel = '# Options: '

/** What the section is generated from, apart from the deployment. */
export interface SectionOptions {
  readonly sshHostPrefix?: string
  readonly hostnameSuffix?: string
  readonly sshOption?: readonly string[]
  readonly wait?: string
  readonly disableAutostart?: boolean
}

export interface SshHost {
  /** `coder.*` */
  readonly pattern: string
  /** Undefined to leave the transport to other sections. */
  readonly proxyCommand?: string
}

/** A setting takes the first of its values, and repeatable ones all of them.
 *  @param options lines `Name value` or `Name=value`, by precedence */
export function buildSection(hosts: readonly SshHost[], options: readonly string[], recorded: SectionOptions): string {
  const lines = deduplicate(options.map(parseOption))
  const blocks = hosts.map(({ pattern, proxyCommand }) =>
    [
      `Host ${pattern}`,
      ...[...lines, ...(proxyCommand ? [`ProxyCommand ${proxyCommand}`] : [])].map((line) => `  ${line}`),
    ].join('\n'),
  )
  return [start, notice, optionsLabel + JSON.stringify(recorded), blocks.join('\n\n'), end, ''].join('\n')
}

const repeatable = new Set([
  'certificatefile',
  'dynamicforward',
  'identityfile',
  'localforward',
  'remoteforward',
  'sendenv',
])

function parseOption(text: string): readonly [name: string, value: string] {
  const [, name, value] = /^\s*(\w+)(?:\s*=\s*|\s+)(\S.*?)\s*$/.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [name, value]
  throw new CommandError(`The SSH option "${text}" is not valid.`, { hint: 'use the form Name=value.' })
}

function deduplicate(options: readonly (readonly [name: string, value: string])[]): string[] {
  const seen = new Set<string>()
  return options.flatMap(([name, value]) => {
    const key = name.toLowerCase()
    const isKnown = seen.has(key) && !repeatable.has(key)
    seen.add(key)
    return isKnown ? [] : [`${name} ${value}`]
  })
}

/** @returns the file with the section in the place of the earlier one, or at the end. @throws CommandError for a file
 *  with a damaged section */
export function replaceSection(text: string, section: string): string {
  const found = findSection(text)
  if (found) return text.slice(0, found.from) + section + text.slice(found.to)
  const before = text === '' ? '' : `${text.replace(/\n*$/, '')}\n\n`
  return before + section
}

/** The options recorded in the section; undefined without one. */
export function readSectionOptions(text: string): SectionOptions | undefined {
  const found = findSection(text)
  const line =
    found &&
    text
      .slice(found.from, found.to)
      .split('\n')
      .find((part) => part.startsWith(optionsLabel))
  if (!line) return undefined
  try {
    return JSON.parse(line.slice(optionsLabel.length)) as SectionOptions
  } catch {
    return undefined // edited by hand
  }
}

function findSection(text: string): { from: number; to: number } | undefined {
  const [from, last] = [text.indexOf(start), text.indexOf(end)]
  if (from < 0 && last < 0) return undefined
  const isComplete = from >= 0 && last > from
  if (!isComplete || text.includes(start, from + 1) || text.includes(end, last + 1))
    throw new CommandError('The section of `coder config-ssh` is incomplete or exists several times.', {
      hint: `remove its lines, from "${start}" to "${end}", and try again.`,
    })
  const lineEnd = text.indexOf('\n', last)
  return { from, to: lineEnd < 0 ? text.length : lineEnd + 1 }
}
