// Health check: the access URL reaches this deployment.

import type { AccessUrlHealth } from '../../api/deployment/health.ts'
import type { ServerContext } from '../context.ts'
import { allWell, type Finding, failed, reasonOf } from './section.ts'

type Report = Omit<AccessUrlHealth, 'dismissed'>

const patienceMs = 10_000

export async function checkAccessUrl({ accessUrl, signal }: ServerContext): Promise<Report> {
  try {
    const answer = await fetch(`${accessUrl}/healthz`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    })
    const said = (await answer.text()).slice(0, 1024)
    return report(accessUrl, judge(accessUrl, answer.status), { status: answer.status, said })
  } catch (error) {
    const finding = failed(
      'EACS03',
      `${accessUrl} is not reachable from the server: ${reasonOf(error)}. Correct CODER_ACCESS_URL, or the proxy or DNS name that it refers to.`,
    )
    return report(accessUrl, finding, null)
  }
}

function judge(accessUrl: string, status: number): Finding {
  if (status === 200) return allWell
  return failed(
    'EACS04',
    `${accessUrl}/healthz answers ${status} instead of 200. Another server responds at this address, or a reverse proxy is misconfigured.`,
  )
}

function report(url: string, finding: Finding, answer: { status: number; said: string } | null): Report {
  return {
    ...finding,
    healthy: finding.severity === 'ok',
    access_url: url,
    reachable: answer !== null,
    status_code: answer?.status ?? 0,
    healthz_response: answer?.said ?? '',
  }
}
