// Reads the ID of the deployment at a URL, to find out whether it is reachable.

import http from 'node:http'

const timeoutMs = 2_000
const maxBytes = 64 * 1024

/** Undefined if no deployment answers. */
export async function readDeploymentId(deploymentUrl: string): Promise<string | undefined> {
  try {
    const url = new URL('/api/v2/buildinfo', deploymentUrl)
    const { get } = url.protocol === 'https:' ? await import('node:https') : http
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const signal = AbortSignal.timeout(timeoutMs)
      get(url, { agent: false, signal }, resolve).on('error', reject)
    })
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk as string
      if (text.length > maxBytes) return undefined
    }
    const { deployment_id: id } = JSON.parse(text) as { deployment_id?: string }
    return id || undefined
  } catch {
    return undefined
  }
}
