// Finds the URL at which an agent in a container reaches its deployment: the configured one, or a bridge that coderd opens
// in the container (bridge.ts) if it has no route.

import { connect } from 'node:net'
import { bridgePort, bridgeUrl } from '../lib/container-bridge.ts'
import { abortableSleep } from './abortable-sleep.ts'
import { readDeploymentId } from './deployment-id.ts'

const firstRetryMs = 20
const lastRetryMs = 1_000

/** Waits until the deployment is reachable. @returns the configured URL after an abort */
export async function findRoute(
  configuredUrl: string,
  log: (message: string) => void,
  signal: AbortSignal,
): Promise<string> {
  let hasLogged = false
  for (let delayMs = firstRetryMs; !signal.aborted; delayMs = Math.min(delayMs * 2, lastRetryMs)) {
    // A bridge exists only without a route.
    if (await isBridgeOpen()) return bridgeUrl
    if (await readDeploymentId(configuredUrl)) return configuredUrl
    if (delayMs === lastRetryMs && !hasLogged) {
      log(
        `Could not reach the deployment at ${configuredUrl}, and it has not opened a connection to this container yet.`,
      )
      hasLogged = true
    }
    await abortableSleep(delayMs, signal)
  }
  return configuredUrl
}

function isBridgeOpen(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(bridgePort, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
