// Access to the deployment on this computer without a login: read access to run.json, which holds its secret, proves that
// the caller runs the deployment.

import { join } from 'node:path'
import { createClient } from '../../api/client.ts'
import { createLaunchCode, exchangeLaunchCode, localSecretHeader, stopDeployment } from '../../api/local.ts'
import { resolveDataDir } from '../../lib/data-dir.ts'
import { findDeployment, logsDirOf } from '../../lib/deployment.ts'
import { nodeRequest } from '../../lib/node-request.ts'
import { findRunning, type RunFile } from '../../lib/run-file.ts'
import { CommandError } from '../output/errors.ts'
import type { HeaderOptions } from './extra-headers.ts'
import { type Login, readLoginFile, writeLoginFile } from './login-store.ts'

export interface GlobalOptions extends HeaderOptions {
  readonly url?: string
  readonly token?: string
  readonly globalConfig?: string
}

/** Inside a workspace on this computer, the launcher of `coder` sets CODER_LOCAL_DATA_DIR. */
export const dataDirOf = (options: GlobalOptions): string =>
  resolveDataDir(options.globalConfig ?? process.env.CODER_LOCAL_DATA_DIR)

/** Null when no deployment is running. @throws CommandError when one is running but does not respond: a second one cannot
 *  be started beside it. */
async function findReachableDeployment(dataDir: string): Promise<RunFile | null> {
  const run = await findDeployment(dataDir)
  const unresponsive = run ? null : findRunning(dataDir)
  if (!unresponsive) return run
  throw new CommandError('The deployment on this computer is running but does not respond.', {
    detail: `coderd is process ${unresponsive.pid}, at ${unresponsive.url}.`,
    hint: `it may be busy: try again, or see its log in ${logsDirOf(dataDir)}.`,
  })
}

/** @throws CommandError when no deployment is running on the data folder. */
export async function requireLocalDeployment(options: GlobalOptions): Promise<RunFile> {
  const dataDir = dataDirOf(options)
  const run = await findReachableDeployment(dataDir)
  if (run) return run
  throw new CommandError('No deployment is running on this computer.', {
    detail: `Data folder: ${dataDir}`,
    hint: 'start one with `coder server`, or pass another data folder with --global-config.',
  })
}

const createLocalClient = (run: RunFile) =>
  createClient({ baseUrl: run.url, headers: { [localSecretHeader]: run.secret }, send: nodeRequest })

/** A short-lived link that signs in once. */
export async function createLoginLink(run: RunFile): Promise<string> {
  return (await createLocalClient(run).call(createLaunchCode)).url
}

/** Requests a graceful stop of coderd; resolves before it has stopped. */
export async function requestStop(run: RunFile): Promise<void> {
  await createLocalClient(run).call(stopDeployment)
}

const sessionFile = (dataDir: string) => join(dataDir, 'command-line.json')

/** The stored session at the local deployment, or a new one. It is stored beside run.json, whose secret grants the same
 *  access. Null when no deployment is running. */
export async function localLogin(options: GlobalOptions, { fresh = false } = {}): Promise<Login | null> {
  const dataDir = dataDirOf(options)
  const run = await findReachableDeployment(dataDir)
  if (!run) return null
  const stored = readLoginFile(sessionFile(dataDir))
  if (stored && !fresh) return { url: run.url, token: stored.token }
  const { code } = await createLocalClient(run).call(createLaunchCode)
  const { session_token: token } = await createClient({ baseUrl: run.url, send: nodeRequest }).call(
    exchangeLaunchCode,
    { body: { code } },
  )
  const login = { url: run.url, token }
  writeLoginFile(sessionFile(dataDir), login)
  return login
}
