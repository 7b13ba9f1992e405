// `<data>/run.json`: locates the running coderd of a data folder for the desktop shell, the command line and a second
// start, which verify that it wrote the file. Written by coderd when it is ready, removed on a clean shutdown.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeRequest } from './node-request.ts'
import { isAlive, type ProcessIdentity } from './process-identity.ts'

export interface RunFile {
  readonly pid: number
  readonly started_at: string
  readonly boot_id: string
  /** Address of coderd on this machine, `http://127.0.0.1:PORT`. */
  readonly url: string
  /** Grants the permissions of the user who runs the deployment. */
  readonly secret: string
  readonly version: string
}

const runFilePath = (dataDir: string) => join(dataDir, 'run.json')

export function writeRunFile(dataDir: string, run: RunFile): void {
  const path = runFilePath(dataDir)
  const unfinished = `${path}.${process.pid}`
  writeFileSync(unfinished, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 })
  renameSync(unfinished, path)
}

/** Removes the file if it belongs to the caller. */
export function removeRunFile(dataDir: string, pid = process.pid): void {
  if (readRunFile(dataDir)?.pid === pid) rmSync(runFilePath(dataDir), { force: true })
}

/** Contents of the file; null when it is missing or invalid. Does not check that coderd is running. */
export function readRunFile(dataDir: string): RunFile | null {
  let text: string
  try {
    text = readFileSync(runFilePath(dataDir), 'utf8')
  } catch {
    return null
  }
  try {
    const run = JSON.parse(text) as RunFile
    return Number.isInteger(run.pid) && typeof run.url === 'string' && typeof run.secret === 'string' ? run : null
  } catch {
    return null
  }
}

/** The running coderd of this data folder, checked by pid, start time and boot ID; null when there is none. */
export function findRunning(dataDir: string): RunFile | null {
  const run = readRunFile(dataDir)
  return run && isAlive(identityOf(run)) ? run : null
}

export function identityOf(run: RunFile): ProcessIdentity {
  return { pid: run.pid, startedAt: run.started_at, bootId: run.boot_id }
}

export const computeProof = (secret: string, nonce: string) => createHmac('sha256', secret).update(nonce).digest('hex')

/** Verifies that the server at `run.url` knows the secret, without sending it. */
export async function verifyInstance(run: RunFile, timeoutMs = 2_000): Promise<boolean> {
  const nonce = randomBytes(24).toString('hex')
  try {
    const answer = await nodeRequest(`${run.url}/api/local/proof`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nonce }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (!answer.ok) return false
    const { proof } = (await answer.json()) as { proof: string }
    return isSameText(proof, computeProof(run.secret, nonce))
  } catch {
    return false
  }
}

function isSameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
