// `<data>/run.json`: how the shell, the command line and a second start find a running coderd and prove that it is the
// one that wrote the file. Written by coderd when it answers, removed when it stops in good order.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeRequest } from './node-request.ts'
import { isAlive, type ProcessIdentity } from './process-identity.ts'

export interface RunFile {
  readonly pid: number
  readonly started_at: string
  readonly boot_id: string
  /** Where coderd answers on this machine, `http://127.0.0.1:PORT`. */
  readonly url: string
  /** Lets its holder act as the person who runs the deployment. */
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

/** Removes the file if it is still the caller's own. */
export function removeRunFile(dataDir: string, pid = process.pid): void {
  if (readRunFile(dataDir)?.pid === pid) rmSync(runFilePath(dataDir), { force: true })
}

/** What the file says, or null when there is none or it is not one of ours. Says nothing about who runs. */
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

/** The coderd that runs on this data folder, by pid, start time and boot id; null when there is none. */
export function findRunning(dataDir: string): RunFile | null {
  const run = readRunFile(dataDir)
  return run && isAlive(identityOf(run)) ? run : null
}

export function identityOf(run: RunFile): ProcessIdentity {
  return { pid: run.pid, startedAt: run.started_at, bootId: run.boot_id }
}

export const proofOf = (secret: string, nonce: string) => createHmac('sha256', secret).update(nonce).digest('hex')

/** Asks whoever listens at `run.url` to prove that it knows the secret, before anything secret is sent there. */
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
    return sameText(proof, proofOf(run.secret, nonce))
  } catch {
    return false
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
