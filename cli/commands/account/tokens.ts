// `coder tokens`: named API keys with a lifetime, for scripts and other programs.

import type { Command } from 'commander'
import { type ApiKeyWithOwner, createToken, deleteKey, listTokens } from '../../../api/account/api-keys.ts'
import { parseDuration } from '../../arguments/durations.ts'
import { type Connection, connect } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { columnNames } from '../../output/column-names.ts'
import { CommandError } from '../../output/errors.ts'
import { formatTime } from '../../output/formats.ts'
import { print } from '../../output/print.ts'
import { type ColumnValues, type ListOptions, printList, sortedBy } from '../../output/tables.ts'

const columns: ColumnValues<ApiKeyWithOwner, 'tokens'> = {
  id: ({ id }) => id,
  name: ({ token_name }) => token_name,
  scopes: ({ scopes }) => scopes.join(', '),
  'allow list': ({ allow_list }) => allow_list.join(', '),
  'last used': ({ last_used }) => formatTime(last_used) || 'never',
  'expires at': ({ expires_at }) => formatTime(expires_at),
  'created at': ({ created_at }) => formatTime(created_at),
  owner: ({ username }) => username,
}

const nanosecondsPerMs = 1e6

interface CreateOptions extends GlobalOptions {
  readonly name?: string
  readonly lifetime?: string
  readonly user?: string
  readonly scope?: readonly string[]
  readonly allow?: readonly string[]
}

export async function createTokenCommand(_args: readonly string[], options: CreateOptions): Promise<void> {
  const { client } = await connect(options)
  const { key } = await client.call(createToken, {
    params: { user: options.user ?? 'me' },
    body: {
      ...(options.name ? { token_name: options.name } : {}),
      ...(options.lifetime ? { lifetime: parseDuration(options.lifetime, '--lifetime') * nanosecondsPerMs } : {}),
      ...(options.scope ? { scopes: [...options.scope] } : {}),
      ...(options.allow ? { allow_list: options.allow.map(requireAllowEntry) } : {}),
    },
  })
  print(key)
}

function requireAllowEntry(text: string): string {
  if (!/^[^:]+:[^:]+$/.test(text))
    throw new CommandError(`--allow "${text}" does not have the form type:id.`, {
      hint: 'use a value such as workspace:<id>.',
    })
  return text
}

interface TokensOptions extends GlobalOptions, ListOptions<'tokens'> {
  readonly all?: boolean
  readonly includeExpired?: boolean
}

export async function listTokensCommand(
  _args: readonly string[],
  options: TokensOptions,
  command: Command,
): Promise<void> {
  const tokens = await fetchTokens(await connect(options), options)
  // With --all, the owner column is shown by default.
  const hasColumnFlag = command.getOptionValueSource('column') !== 'default'
  const column = options.all && !hasColumnFlag ? columnNames.token.shown : options.column
  // Only the table is sorted; JSON keeps the order of the API.
  const rows = column.includes('id') ? sortedBy(tokens, columns.id) : tokens
  printList(
    columns,
    rows,
    { ...options, column },
    {
      json: tokens,
      whenEmpty: 'No tokens found. `coder tokens create` creates one.',
    },
  )
}

export async function viewToken([name = '']: readonly string[], options: TokensOptions): Promise<void> {
  const token = await requireToken(await connect(options), name)
  printList(columns, [token], options, { whenEmpty: '' })
}

export async function removeToken([name = '']: readonly string[], options: GlobalOptions): Promise<void> {
  const connection = await connect(options)
  const token = await requireToken(connection, name)
  await connection.client.call(deleteKey, { params: { user: token.user_id, keyid: token.id } })
  print(`Token ${token.token_name || token.id} was deleted.`)
}

const fetchTokens = ({ client }: Connection, { all, includeExpired }: { all?: boolean; includeExpired?: boolean }) =>
  client.call(listTokens, {
    params: { user: 'me' },
    query: { ...(all ? { include_all: true } : {}), ...(includeExpired ? { include_expired: true } : {}) },
  })

async function requireToken(connection: Connection, name: string): Promise<ApiKeyWithOwner> {
  const tokens = await fetchTokens(connection, { includeExpired: true })
  // A token starts with its id.
  const token = tokens.find(({ id, token_name }) => token_name === name || id === name || name.startsWith(`${id}-`))
  if (token) return token
  throw new CommandError(`Token ${name} not found.`, {
    detail: `Your tokens: ${tokens.map(({ token_name, id }) => token_name || id).join(', ') || 'none'}`,
  })
}
