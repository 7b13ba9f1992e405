// Commands that access the database directly, for the operator of the deployment: resetting a password, creating an owner,
// changing the encryption key, running PostgreSQL's own tools.

import { dataDirOf, type GlobalOptions } from '../../connection/local-deployment.ts'
import { loadMaintenance, loadServerConfig, type ServerConfig } from '../../launch/entrypoints.ts'
import { note, print } from '../../output/print.ts'
import { confirm, promptNewPassword, promptText } from '../../prompts/prompts.ts'

interface DatabaseOptions extends GlobalOptions {
  readonly postgresUrl?: string
  readonly rawUrl?: boolean
}

async function loadDatabaseConfig(options: DatabaseOptions): Promise<ServerConfig> {
  const { loadConfig } = await loadServerConfig()
  const flags: Record<string, string> = { dataDir: dataDirOf(options) }
  if (options.postgresUrl) flags.postgresUrl = options.postgresUrl
  return await loadConfig(flags, process.env)
}

export async function resetPassword(
  [user = '']: readonly string[],
  options: DatabaseOptions & { password?: string },
): Promise<void> {
  const config = await loadDatabaseConfig(options)
  const password = options.password ?? (await promptNewPassword(`New password of ${user}`, { flag: '--password' }))
  const { username } = await (await loadMaintenance()).resetPassword(config, user, password)
  print(`The password of ${username} was changed, and all of their sessions were ended.`)
}

interface AdminOptions extends DatabaseOptions {
  readonly username?: string
  readonly email?: string
  readonly password?: string
}

export async function createAdminUser(_args: readonly string[], options: AdminOptions): Promise<void> {
  const config = await loadDatabaseConfig(options)
  const username = options.username ?? (await promptText('Username', { flag: '--username' }))
  const email = options.email ?? (await promptText('Email', { flag: '--email' }))
  const password = options.password ?? (await promptNewPassword('Password', { flag: '--password' }))
  await (await loadMaintenance()).createAdminUser(config, { username, email, password })
  print(`Owner ${username} was created.`)
}

export async function showPostgresUrl(_args: readonly string[], options: DatabaseOptions): Promise<void> {
  const postgres = await (await loadMaintenance()).openPostgres(await loadDatabaseConfig(options))
  await postgres.close()
  print(options.rawUrl ? postgres.url : `psql ${JSON.stringify(postgres.url)}`)
}

/** Runs the built-in PostgreSQL without coderd until Ctrl-C. */
export async function servePostgres(_args: readonly string[], options: DatabaseOptions): Promise<void> {
  const postgres = await (await loadMaintenance()).openPostgres(await loadDatabaseConfig(options))
  print(options.rawUrl ? postgres.url : `psql ${JSON.stringify(postgres.url)}`)
  note('The database runs until you press Ctrl-C.')
  await new Promise<void>((resolve) => {
    // Nothing else keeps the process alive.
    const keepAlive = setInterval(() => undefined, 2 ** 30)
    const stop = () => {
      clearInterval(keepAlive)
      resolve()
    }
    process.once('SIGINT', stop).once('SIGTERM', stop)
  })
  await postgres.close()
}

export async function rotateEncryptionKey(_args: readonly string[], options: DatabaseOptions): Promise<void> {
  const { keyId, count } = await (await loadMaintenance()).rotateEncryptionKey(await loadDatabaseConfig(options))
  print(`${count} secrets were encrypted with the new key ${keyId}.`)
  note('Backups of the database from before need the earlier key file.')
}

export async function deleteUnreadableSecrets(
  _args: readonly string[],
  options: DatabaseOptions & { readonly yes?: boolean },
): Promise<void> {
  const consequence = 'Workspaces lose the record of their resources, which then remain until you remove them by hand.'
  await confirm(`Delete all secrets whose encryption key is lost? ${consequence}`, { skip: options.yes ?? false })
  const count = await (await loadMaintenance()).deleteUnreadableSecrets(await loadDatabaseConfig(options))
  print(`${count} secrets were deleted.`)
}
