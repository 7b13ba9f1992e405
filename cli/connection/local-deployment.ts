// What the command line can do on its own computer without anybody having signed in: it may read run.json, and whoever
// may do that is the person who runs the deployment.

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

/** Inside a workspace of this computer the launcher of `coder` names the folder. */
export const dataDirOf = (options: GlobalOptions): string =>
  resolveDataDir(options.globalConfig ?? process.env.CODER_LOCAL_DATA_DIR)

/** @throws CommandError when one runs and does not answer: it is not missing, and another cannot be started beside it. */
async function findAnswering(dataDir: string): Promise<RunFile | null> {
  const run = await findDeployment(dataDir)
  const silent = run ? null : findRunning(dataDir)
  if (!silent) return run
  throw new CommandError('The deployment on this computer runs, and does not answer.', {
    detail: `coderd is process ${silent.pid}, at ${silent.url}.`,
    hint: `it may be busy: try again; its log is in ${logsDirOf(dataDir)}.`,
  })
}

/** @throws CommandError when no deployment runs on the data folder. */
export async function requireLocalDeployment(options: GlobalOptions): Promise<RunFile> {
  const dataDir = dataDirOf(options)
  const run = await findAnswering(dataDir)
  if (run) return run
  throw new CommandError('No deployment runs on this computer.', {
    detail: `Data folder: ${dataDir}`,
    hint: 'start one with `coder server`, or name another data folder with --global-config.',
  })
}

const asItsPerson = (run: RunFile) =>
  createClient({ baseUrl: run.url, headers: { [localSecretHeader]: run.secret }, send: nodeRequest })

/** A link that signs in once, good for a short time. */
export async function mintLink(run: RunFile): Promise<string> {
  return (await asItsPerson(run).call(createLaunchCode)).url
}

/** Asks coderd to stop in good order; returns before it has. */
export async function askToStop(run: RunFile): Promise<void> {
  await asItsPerson(run).call(stopDeployment)
}

const sessionFile = (dataDir: string) => join(dataDir, 'command-line.json')

/** The session this command line has made for itself at the local deployment, or a new one. It lies beside run.json,
 *  whose secret is worth as much. Null when no deployment runs. */
export async function localLogin(options: GlobalOptions, { fresh = false } = {}): Promise<Login | null> {
  const dataDir = dataDirOf(options)
  const run = await findAnswering(dataDir)
  if (!run) return null
  const known = readLoginFile(sessionFile(dataDir))
  if (known && !fresh) return { url: run.url, token: known.token }
  const { code } = await asItsPerson(run).call(createLaunchCode)
  const { session_token: token } = await createClient({ baseUrl: run.url, send: nodeRequest }).call(
    exchangeLaunchCode,
    { body: { code } },
  )
  const login = { url: run.url, token }
  writeLoginFile(sessionFile(dataDir), login)
  return login
}
