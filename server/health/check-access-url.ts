// Health check: the access URL reaches this deployment.

import type { AccessUrlHealth } from '../../api/deployment/health.ts'
import type { ServerContext } from '../context.ts'
import { messageWithCause } from '../error-message.ts'
import { type Finding, failure, noProblems } from './section.ts'

type Report = Omit<AccessUrlHealth, 'dismissed'>

const timeoutMs = 10_000

export async function checkAccessUrl({ accessUrl, signal }: ServerContext): Promise<Report> {
  try {
    const response = await fetch(`${accessUrl}/healthz`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const body = (await response.text()).slice(0, 1024)
    return report(accessUrl, evaluateStatus(accessUrl, response.status), { status: response.status, body })
  } catch (error) {
    const finding = failure(
      'EACS03',
      `${accessUrl} is not reachable from the server: ${messageWithCause(error)}. Correct CODER_ACCESS_URL, or the proxy or DNS name that it refers to.`,
    )
    return report(accessUrl, finding, null)
  }
}

function evaluateStatus(accessUrl: string, status: number): Finding {
  if (status === 200) return noProblems
  return failure(
    'EACS04',
    `${accessUrl}/healthz responded with ${status} instead of 200. Another server responds at this address, or a reverse proxy is misconfigured.`,
  )
}

function report(url: string, finding: Finding, response: { status: number; body: string } | null): Report {
  return {
    ...finding,
    healthy: finding.severity === 'ok',
    access_url: url,
    reachable: response !== null,
    status_code: response?.status ?? 0,
    healthz_response: response?.body ?? '',
  }
}
