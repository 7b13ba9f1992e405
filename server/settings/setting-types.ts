// Typed parsers of settings. Durations become milliseconds.

import { resolveDataDir } from '../../lib/data-dir.ts'
import { parseDuration } from './durations.ts'

export interface SettingType<T> {
  /** Determines the representation in YAML, in the API and in the help of flags. Lists are comma-separated. */
  readonly kind: 'text' | 'flag' | 'count' | 'duration' | 'list'
  /** Completes the error message "it must be …". */
  readonly expected: string
  /** Returns undefined for an invalid text. */
  readonly parse: (text: string, env: NodeJS.ProcessEnv) => T | undefined
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

export const text: SettingType<string> = { kind: 'text', expected: 'text', parse: (text) => text }

export const list: SettingType<readonly string[]> = {
  kind: 'list',
  expected: 'a comma-separated list',
  parse: (text) => (text === '' ? [] : text.split(',')),
}

export const flag: SettingType<boolean> = {
  kind: 'flag',
  expected: 'true or false',
  parse: (text) => {
    if (/^(true|1|t)$/i.test(text)) return true
    return /^(false|0|f|)$/i.test(text) ? false : undefined
  },
}

/** A whole number from 0 to `max`; smaller ones than `min` are raised to it. */
export const count = ({ min = 0, max }: { readonly min?: number; readonly max: number }): SettingType<number> => ({
  kind: 'count',
  expected: `a whole number from 0 to ${max}`,
  parse: (text) => {
    const value = Number(text)
    return Number.isInteger(value) && value >= 0 && value <= max ? Math.max(min, value) : undefined
  },
})

/** In milliseconds. */
export const duration: SettingType<number> = {
  kind: 'duration',
  expected: 'a duration such as 24h or 30m',
  parse: parseDuration,
}

export const choice = <const T extends string>(...values: readonly T[]): SettingType<T> => ({
  kind: 'text',
  expected: `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`,
  parse: (text) => values.find((value) => value === text),
})

/** Without a trailing slash; empty if not set. */
export const url: SettingType<string> = {
  kind: 'text',
  expected: 'an http or https URL',
  parse: (text) => {
    if (text === '') return ''
    const url = URL.parse(text)
    return url && ['http:', 'https:'].includes(url.protocol) ? url.href.replace(/\/+$/, '') : undefined
  },
}

/** Such as `*.coder.example.com`; empty if not set. */
export const wildcardHost: SettingType<string> = {
  kind: 'text',
  expected: 'a host name that starts with *',
  parse: (text) => (text === '' || /^\*[-.a-zA-Z0-9]+(:\d+)?$/.test(text) ? text : undefined),
}

/** Null if not set. */
export const optionalHostPort: SettingType<HostPort | null> = {
  kind: 'text',
  expected: 'host:port, such as localhost:2112',
  parse: (text) => {
    if (text === '') return null
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
    const [host, port] = [match?.[1] ?? match?.[2], Number(match?.[3])]
    return host && port <= 65535 ? { host, port } : undefined
  },
}

/** Coder's default port; coderd listens on another one if it is in use. */
const defaultPort = 3000

/** The address to listen on; an omitted host means all IPv4 interfaces. */
export const listenAddress: SettingType<HostPort & { readonly isDefault: boolean }> = {
  kind: 'text',
  expected: 'host:port, such as 127.0.0.1:3000',
  parse: (text) => {
    if (text === '') return { host: '127.0.0.1', port: defaultPort, isDefault: true }
    const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
    const port = Number(match?.[3])
    if (!match || port > 65535) return undefined
    return { host: match[1] ?? (match[2] || '0.0.0.0'), port, isDefault: false }
  },
}

/** An absolute path; empty means the default folder of the user. */
export const dataFolder: SettingType<string> = { kind: 'text', expected: 'a folder', parse: resolveDataDir }

/** Options by name. A line break is invalid: it would start another line of the SSH configuration. */
export const sshOptions: SettingType<Readonly<Record<string, string>>> = {
  kind: 'list',
  expected: 'comma-separated key=value pairs, such as ForwardAgent=yes',
  parse: (text) => {
    if (/[\r\n]/.test(text)) return undefined
    const pairs = text.split(',').filter((pair) => pair.trim() !== '')
    const matches = pairs.map((pair) => /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.+?)\s*$/.exec(pair))
    if (matches.includes(null)) return undefined
    return Object.fromEntries(matches.map((match) => [match?.[1], match?.[2]]))
  },
}
