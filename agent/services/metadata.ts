// Collects the agent metadata of the template: runs the command of each item at its interval, never concurrently.
// Values are sent to coderd in batches, about once a second.

import { spawn } from 'node:child_process'
import { type ManifestMetadata, maxMetadataLength } from '../../api/agents/agent-protocol.ts'
import type { BodyOf } from '../../api/endpoint.ts'
import type { reportMetadata } from '../../api/local.ts'
import { abortableSleep } from '../abortable-sleep.ts'
import type { Manifest } from '../manifest.ts'
import { prepareShell } from '../shell.ts'

type MetadataValue = BodyOf<typeof reportMetadata>['values'][number]

const batchMs = 1_000
// Timeout of items that define none.
const defaultTimeoutMs = 5_000

/** Starts immediately; runs until the signal aborts. @param report receives at most one value per item. */
export function measureMetadata(
  manifest: Manifest,
  report: (values: MetadataValue[]) => Promise<void>,
  signal: AbortSignal,
): void {
  const waiting = new Map<string, MetadataValue>()
  const batchTimer = setInterval(() => {
    const values = [...waiting.values()]
    waiting.clear()
    // Not retried: newer values follow.
    if (values.length > 0) report(values).catch(() => undefined)
  }, batchMs)
  signal.addEventListener('abort', () => clearInterval(batchTimer))
  for (const item of manifest.metadata) void repeat(item)

  async function repeat(item: ManifestMetadata): Promise<void> {
    while (!signal.aborted) {
      const startedAt = Date.now()
      const measured = await measure(item, manifest, signal)
      if (signal.aborted) return
      waiting.set(item.key, measured)
      if (item.interval_seconds === 0) return
      await abortableSleep(startedAt + item.interval_seconds * 1000 - Date.now(), signal)
    }
  }
}

async function measure(item: ManifestMetadata, manifest: Manifest, signal: AbortSignal): Promise<MetadataValue> {
  const seconds = item.timeout_seconds || item.interval_seconds
  const timeoutMs = seconds > 0 ? seconds * 1000 : defaultTimeoutMs
  const { text, error } = await runCommand(item.script, manifest, timeoutMs, signal)
  return {
    key: item.key,
    value: text.slice(0, maxMetadataLength),
    error: error.slice(0, maxMetadataLength),
    collected_at: new Date().toISOString(),
  }
}

/** Output of a command, run by the user's shell; it and its descendants are killed after the timeout. */
function runCommand(
  script: string,
  manifest: Manifest,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ text: string; error: string }> {
  const { file, args, cwd, env } = prepareShell(manifest, process.env, { command: script })
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let text = ''
  let killReason = ''
  const append = (chunk: string) => {
    if (text.length <= maxMetadataLength) text += chunk
  }
  for (const output of [child.stdout, child.stderr]) output.setEncoding('utf8').on('data', append)
  const kill = (reason: string) => {
    killReason = reason
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // already exited
    }
    // A descendant in another process group may hold the output open.
    child.stdout.destroy()
    child.stderr.destroy()
  }
  const timer = setTimeout(() => kill(`The command took longer than ${timeoutMs / 1000} s.`), timeoutMs)
  const abort = () => kill('The agent is stopping.')
  signal.addEventListener('abort', abort)
  return new Promise((resolve) => {
    const end = (error: string) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      resolve({ text, error })
    }
    child.on('error', (error) => end(`Could not start the command: ${error.message}`))
    child.on('close', (code, killedBy) => {
      if (killReason !== '') end(killReason)
      else if (code !== 0)
        end(killedBy ? `The command was terminated by ${killedBy}.` : `The command exited with code ${code}.`)
      else end('')
    })
  })
}
