// `coder login`: signs in and stores the login; sets up a deployment without users first. The deployment on this computer
// needs no password. `coder login token` prints the session token for other programs.

import { createSessionKey } from '../../../api/account/api-keys.ts'
import { createFirstUser, getFirstUser, login as loginEndpoint } from '../../../api/account/sign-in.ts'
import { getUser } from '../../../api/account/users.ts'
import type { Client } from '../../../api/client.ts'
import { getBuildInfo } from '../../../api/deployment/deployment.ts'
import { ApiError } from '../../../api/errors.ts'
import { validateEmail, validateName } from '../../arguments/names.ts'
import { connect, connectAnonymously, connectTo, normalizeUrl } from '../../connection/connect.ts'
import { type GlobalOptions, localLogin } from '../../connection/local-deployment.ts'
import { type Login, loginFolder, readLogin, writeLogin } from '../../connection/login-store.ts'
import { CommandError } from '../../output/errors.ts'
import { note, print } from '../../output/print.ts'
import { isInteractive, promptNewPassword, promptSecret, promptText } from '../../prompts/prompts.ts'

interface LoginOptions extends GlobalOptions {
  readonly username?: string
  readonly email?: string
  readonly password?: string
  readonly firstUserUsername?: string
  readonly firstUserFullName?: string
  readonly firstUserEmail?: string
  readonly firstUserPassword?: string
  readonly useTokenAsSession?: boolean
}

export async function login([named]: readonly string[], options: LoginOptions): Promise<void> {
  const session = await signIn(named ?? options.url, options)
  const user = await connectTo(session, options).client.call(getUser, { params: { user: 'me' } })
  writeLogin(loginFolder(options.globalConfig), session)
  print(`Signed in to ${session.url} as ${user.username}.`)
}

export async function showToken(_args: readonly string[], options: GlobalOptions): Promise<void> {
  print((await connect(options)).token)
}

async function signIn(named: string | undefined, options: LoginOptions): Promise<Login> {
  const credentials = readCredentials(options)
  const isExplicit = named || credentials.token || credentials.password
  const local = isExplicit ? null : await localLogin(options, { fresh: true })
  if (local) return local
  const stored = readLogin(loginFolder(options.globalConfig))
  const url = normalizeUrl(named ?? (await localLogin(options))?.url ?? stored?.url ?? (await promptForUrl()))
  const client = connectAnonymously(url, options)
  await client.call(getBuildInfo)
  if (!credentials.token && !(await hasFirstUser(client))) await setUp(client, url, credentials)
  if (!credentials.token && !credentials.email) credentials.token = await promptForToken(url, options)
  if (credentials.token) return sessionOfToken({ url, token: credentials.token }, options)
  credentials.email ??= await promptText('Email', { flag: '--email, --token' })
  return { url, token: await sessionOfPassword(client, credentials.email, credentials.password) }
}

/** @param passwordFlag the value of --password; without it the user is prompted until the password is correct. */
async function sessionOfPassword(client: Client, email: string, passwordFlag: string | undefined): Promise<string> {
  for (;;) {
    const password = passwordFlag ?? (await promptSecret('Password', { flag: '--password' }))
    try {
      return (await client.call(loginEndpoint, { body: { email, password } })).session_token
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error
      if (passwordFlag !== undefined || !isInteractive())
        throw new CommandError(error.message, { detail: error.detail })
      note(error.message)
    }
  }
}

/** Creates a session with the token, so that deleting the token, which has another purpose, does not sign out the command
 *  line. */
async function sessionOfToken(login: Login, options: LoginOptions): Promise<Login> {
  if (options.useTokenAsSession) return login
  const { key } = await connectTo(login, options).client.call(createSessionKey, { params: { user: 'me' } })
  return { url: login.url, token: key }
}

async function promptForToken(url: string, options: LoginOptions): Promise<string | undefined> {
  note(`Open ${url}/cli-auth in a browser and copy the token.`)
  for (;;) {
    const question = 'Token (leave empty to sign in with email and password)'
    const token = (await promptSecret(question, { flag: '--token or --email' })).trim()
    if (token === '') return undefined
    if (!isInteractive() || (await isValidLogin({ url, token }, options))) return token
    note('Invalid token.')
  }
}

async function isValidLogin(login: Login, options: LoginOptions): Promise<boolean> {
  try {
    await connectTo(login, options).client.call(getUser, { params: { user: 'me' } })
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return false
    throw error
  }
}

interface Credentials {
  token: string | undefined
  username: string | undefined
  fullName: string | undefined
  email: string | undefined
  password: string | undefined
}

function readCredentials(options: LoginOptions): Credentials {
  return {
    token: options.token,
    username: options.username ?? options.firstUserUsername,
    fullName: options.firstUserFullName,
    email: options.email ?? options.firstUserEmail,
    password: options.password ?? options.firstUserPassword,
  }
}

const promptForUrl = () => promptText('URL of the deployment', { flag: 'a URL' })

async function hasFirstUser(client: Client): Promise<boolean> {
  try {
    await client.call(getFirstUser)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    throw error
  }
}

/** Creates the first user. Completes `credentials` with the answers, for the sign-in that follows. */
async function setUp(client: Client, url: string, credentials: Credentials): Promise<void> {
  note(`${url} has no users yet. The first user becomes the owner of the deployment.`)
  const username =
    credentials.username ??
    (await promptText('Username', {
      flag: '--first-user-username',
      validate: (answer) => validateName('user', answer),
    }))
  credentials.email ??= await promptText('Email', { flag: '--first-user-email', validate: validateEmail })
  credentials.password ??= await promptNewPassword('New password', { flag: '--first-user-password' })
  const { email, password, fullName } = credentials
  const body = { username, email, password, ...(fullName ? { name: fullName } : {}) }
  try {
    await client.call(createFirstUser, { body: { ...body, setup_code: process.env[setupCodeVariable] } })
  } catch (error) {
    if (!requiresSetupCode(error) || !isInteractive()) throw error
    const setup_code = await promptText('Setup code (printed when coderd started)', { flag: setupCodeVariable })
    await client.call(createFirstUser, { body: { ...body, setup_code } })
  }
}

const setupCodeVariable = 'CODER_LOCAL_SETUP_CODE'

const requiresSetupCode = (error: unknown): boolean =>
  error instanceof ApiError && error.validations.some(({ field }) => field === 'setup_code')
