// Runs the health checks of workspace apps, each at its interval, and reports changes to coderd. Any response below 500
// is a success; one success makes an app healthy, and more consecutive failures than the threshold unhealthy.

import type { ManifestHealthcheck } from '../../api/agents/agent-protocol.ts'
import { nodeRequest } from '../../lib/node-request.ts'

export type Health = 'healthy' | 'unhealthy'

/** Starts immediately; runs until the signal aborts. */
export function checkApps(
  checks: readonly ManifestHealthcheck[],
  report: (appId: string, health: Health) => void,
  signal: AbortSignal,
): void {
  for (const check of checks) checkApp(check, (health) => report(check.app_id, health), signal)
}

function checkApp(check: ManifestHealthcheck, report: (health: Health) => void, signal: AbortSignal): void {
  const intervalMs = Math.max(1, check.interval_seconds) * 1000
  let failures = 0
  let reported: Health | undefined
  let timer: NodeJS.Timeout | undefined

  async function probe(): Promise<void> {
    const isHealthy = await isResponding(check.url, intervalMs, signal)
    if (signal.aborted) return
    failures = isHealthy ? 0 : failures + 1
    const health = isHealthy ? 'healthy' : failures > check.threshold ? 'unhealthy' : reported
    if (health && health !== reported) {
      reported = health
      report(health)
    }
    timer = setTimeout(() => void probe(), intervalMs)
  }
  signal.addEventListener('abort', () => clearTimeout(timer))
  void probe()
}

async function isResponding(url: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    const { status, message } = await nodeRequest(url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    message.destroy()
    return status < 500
  } catch {
    return false
  }
}
