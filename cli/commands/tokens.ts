// `coder tokens`: keys with a name and a lifetime, for scripts and other programs.

import { type ApiKeyWithOwner, createToken, deleteKey, listTokens } from '../../api/keys.ts'
import { type Connection, connect } from '../connect.ts'
import { parseDuration } from '../durations.ts'
import { CommandError } from '../errors.ts'
import type { GlobalOptions } from '../local-deployment.ts'
import { type Column, formatTime, type ListOptions, print, printList } from '../output.ts'

const columns: readonly Column<ApiKeyWithOwner>[] = [
  { title: 'id', value: ({ id }) => id },
  { title: 'name', value: ({ token_name }) => token_name },
  { title: 'scopes', value: ({ scopes }) => scopes.join(', '), isExtra: true },
  {
    title: 'allow list',
    value: ({ allow_list }) => allow_list.map(({ type, id }) => `${type}:${id}`).join(', '),
    isExtra: true,
  },
  { title: 'last used', value: ({ last_used }) => formatTime(last_used) || 'never' },
  { title: 'expires at', value: ({ expires_at }) => expires_at },
  { title: 'created at', value: ({ created_at }) => created_at },
  { title: 'owner', value: ({ username }) => username, isExtra: true },
]

const nanosecondsPerMs = 1e6

interface CreateOptions extends GlobalOptions {
  readonly name?: string
  readonly lifetime?: string
  readonly user: string
  readonly scope?: readonly string[]
  readonly allow?: readonly string[]
}

export async function createTokenCommand(_args: readonly string[], options: CreateOptions): Promise<void> {
  const { client } = await connect(options)
  const { key } = await client.call(createToken, {
    params: { user: options.user },
    body: {
      ...(options.name ? { token_name: options.name } : {}),
      ...(options.lifetime ? { lifetime: parseDuration(options.lifetime, '--lifetime') * nanosecondsPerMs } : {}),
      ...(options.scope ? { scopes: [...options.scope] } : {}),
      ...(options.allow ? { allow_list: options.allow.map(parseTarget) } : {}),
    },
  })
  print(key)
}

function parseTarget(text: string): { type: string; id: string } {
  const [type = '', id = '', ...more] = text.split(':')
  if (type === '' || id === '' || more.length > 0)
    throw new CommandError(`--allow "${text}" is not of the form type:id.`, { hint: 'such as workspace:<id>.' })
  return { type, id }
}

interface TokensOptions extends GlobalOptions, ListOptions {
  readonly all?: boolean
  readonly includeExpired?: boolean
}

export async function listTokensCommand(_args: readonly string[], options: TokensOptions): Promise<void> {
  const tokens = await tokensOf(await connect(options), options)
  const shown =
    options.all && !options.column
      ? columns.map((column) => (column.title === 'owner' ? { ...column, isExtra: false } : column))
      : columns
  printList(shown, tokens, options, { whenEmpty: 'No tokens found. `coder tokens create` makes one.' })
}

export async function viewToken([name = '']: readonly string[], options: TokensOptions): Promise<void> {
  const token = await requireToken(await connect(options), name)
  printList(columns, [token], options, { json: token, whenEmpty: '' })
}

export async function removeToken([name = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const token = await requireToken(connection, name)
  await connection.client.call(deleteKey, { params: { user: token.user_id, keyid: token.id } })
  print(`The token ${token.token_name || token.id} is taken back.`)
}

const tokensOf = ({ client }: Connection, { all, includeExpired }: { all?: boolean; includeExpired?: boolean }) =>
  client.call(listTokens, {
    params: { user: 'me' },
    query: { ...(all ? { include_all: true } : {}), ...(includeExpired ? { include_expired: true } : {}) },
  })

async function requireToken(connection: Connection, name: string): Promise<ApiKeyWithOwner> {
  const tokens = await tokensOf(connection, { includeExpired: true })
  // A token begins with its id.
  const token = tokens.find(({ id, token_name }) => token_name === name || id === name || name.startsWith(`${id}-`))
  if (token) return token
  throw new CommandError(`You have no token ${name}.`, {
    detail: `Yours: ${tokens.map(({ token_name, id }) => token_name || id).join(', ') || 'none'}`,
  })
}
