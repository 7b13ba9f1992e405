// Runs the health checks of workspace apps, each at its interval, and reports changes to coderd. Any response
// below 500 is a success; one success makes an app healthy, and more consecutive failures than the threshold unhealthy.

import type { ManifestHealthcheck } from '../../api/agents/agent-protocol.ts'

export type Health = 'healthy' | 'unhealthy'

/** Starts immediately; runs until the signal aborts. */
export function checkApps(
  checks: readonly ManifestHealthcheck[],
  tell: (appId: string, health: Health) => void,
  signal: AbortSignal,
): void {
  for (const check of checks) checkApp(check, (health) => tell(check.app_id, health), signal)
}

function checkApp(check: ManifestHealthcheck, tell: (health: Health) => void, signal: AbortSignal): void {
  const intervalMs = Math.max(1, check.interval_seconds) * 1000
  let failures = 0
  let told: Health | undefined
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
    const isFine = await answers(check.url, intervalMs, signal)
    if (signal.aborted) return
    failures = isFine ? 0 : failures + 1
    const health = isFine ? 'healthy' : failures > check.threshold ? 'unhealthy' : told
    if (health && health !== told) {
      told = health
      tell(health)
    }
    timer = setTimeout(() => void look(), intervalMs)
  }
  signal.addEventListener('abort', () => clearTimeout(timer))
  void look()
}

async function answers(url: string, limitMs: number, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(url, {
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
    })
    await answer.body?.cancel()
    return answer.status < 500
  } catch {
    return false
  }
}
