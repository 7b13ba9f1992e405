// Writes the state of an SSH connection to a file that the VS Code extension reads: `<PID of ssh>.json`.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '../../connection/connect.ts'
import { LatencyProbe } from '../../dial/latency.ts'
import { relayRegion } from '../../dial/relay-region.ts'

export interface NetworkInfoOptions {
  readonly folder: string
  readonly intervalMs: number
}

/** Updates the file until the signal aborts, then removes it. Failures do not affect the connection. */
export async function writeNetworkInfo(
  connection: Connection,
  agentId: string,
  socket: Socket,
  { folder, intervalMs }: NetworkInfoOptions,
  signal: AbortSignal,
): Promise<void> {
  // The ProxyCommand is a child of ssh.
  const file = join(folder, `${process.ppid}.json`)
  let probe: LatencyProbe | undefined
  let last = { at: performance.now(), read: 0, written: 0 }
  try {
    mkdirSync(folder, { recursive: true })
    // Older agents do not answer probes.
    probe = await LatencyProbe.open(connection, agentId, signal).catch(() => undefined)
    for (;;) {
      const latency = (await probe?.measure(signal).catch(() => undefined)) ?? 0
      const now = { at: performance.now(), read: socket.bytesRead, written: socket.bytesWritten }
      const perSecond = (bytes: number) => Math.round((bytes * 1000) / Math.max(1, now.at - last.at))
      replaceFile(file, {
        p2p: false,
        latency,
        preferred_derp: relayRegion,
        derp_latency: { [relayRegion]: latency },
        upload_bytes_sec: perSecond(now.written - last.written),
        download_bytes_sec: perSecond(now.read - last.read),
        using_coder_connect: false,
      })
      last = now
      await sleep(intervalMs, undefined, { signal })
    }
  } catch {
    // The connection ended, or the folder cannot be written.
  } finally {
    probe?.close()
    rmSync(file, { force: true })
  }
}

/** The extension must not read a part of it. */
function replaceFile(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
