// Host names of ports and apps in workspaces: `8080--main--dev--ann.localhost`. The first label names the port or the
// app, the agent, the workspace and its owner; the rest is the domain of all apps.

/** A port or an app of a workspace, by names. All names are in lower case. */
export interface AppName {
  readonly target:
    | { readonly kind: 'port'; readonly port: number; readonly protocol: 'http' | 'https' }
    | { readonly kind: 'app'; readonly slug: string }
  /** Undefined: the only agent of the workspace. */
  readonly agent: string | undefined
  readonly workspace: string
  readonly user: string
}

/** User programs do not listen on lower ports. */
const minAppPort = 9

/** Maximum length of a DNS label. */
const maxLabelLength = 63

const nameLabel = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** @param label such as `8080--main--dev--ann`, `8443s--dev--ann`, or `code--dev--ann`; a prefix before `---` is ignored
 *  @returns null if it is not the name of a port or an app */
export function parseAppLabel(label: string): AppName | null {
  const parts = label
    .toLowerCase()
    .replace(/^.*---/, '')
    .split('--')
  if (parts.length !== 3 && parts.length !== 4) return null
  if (!parts.every((part) => nameLabel.test(part))) return null
  const [first = '', agent, workspace = '', user = ''] = parts.length === 4 ? parts : parts.toSpliced(1, 0, '')
  // `me` is not a user: the name must have the same meaning for everyone who shares it.
  if (user === 'me') return null
  const target = parseTarget(first)
  return target && { target, agent: agent || undefined, workspace, user }
}

function parseTarget(text: string): AppName['target'] | null {
  const [, digits, secure] = /^(\d{1,5})(s?)$/.exec(text) ?? []
  if (digits === undefined) return { kind: 'app', slug: text }
  const port = Number(digits)
  if (port < minAppPort || port > 65_535) return null
  return { kind: 'port', port, protocol: secure ? 'https' : 'http' }
}

/** @returns null if the label would be longer than DNS allows */
export function formatAppLabel({ target, agent, workspace, user }: AppName): string | null {
  const first = target.kind === 'app' ? target.slug : `${target.port}${target.protocol === 'https' ? 's' : ''}`
  const label = [first, ...(agent === undefined ? [] : [agent]), workspace, user].join('--').toLowerCase()
  return label.length > maxLabelLength ? null : label
}

/** @param host the value of a Host header
 *  @param wildcard such as `*.localhost:3000` or `*--apps.example.com`; its port is not compared, because a proxy may
 *  listen on another one
 *  @returns null if the host is not a port or an app below the wildcard */
export function parseAppHost(host: string, wildcard: string): AppName | null {
  const name = withoutPort(host.toLowerCase())
  const suffix = withoutPort(wildcard.toLowerCase()).slice(1)
  if (!wildcard.startsWith('*') || !name.endsWith(suffix)) return null
  const label = name.slice(0, -suffix.length)
  return label.includes('.') ? null : parseAppLabel(label)
}

const withoutPort = (host: string) => host.replace(/:\d{1,5}$/, '')

/** The host of a port or an app, with the port of the wildcard. @returns null like `formatAppLabel` */
export function formatAppHost(name: AppName, wildcard: string): string | null {
  const label = formatAppLabel(name)
  return label === null ? null : wildcard.replace('*', label)
}
