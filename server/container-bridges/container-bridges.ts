// Opens a bridge to coderd in each container that runs an agent of this deployment and has no route to coderd, as with a
// deployment that listens on loopback. The containers are those that the `docker` provider has recorded.

import { type FSWatcher, watch } from 'node:fs'
import { agentContainersDir, readAgentContainers } from '../../terraform/providers/docker/agent/agent-containers.ts'
import type { BaseContext } from '../base-context.ts'
import { readDeploymentId } from '../deployment/deployment-id.ts'
import { keepBridge } from './keep-bridge.ts'

export interface ContainerBridges {
  close(): Promise<void>
}

/** @param url at which this machine reaches coderd */
export async function startContainerBridges(
  { config: { dataDir }, db, log }: Pick<BaseContext, 'config' | 'db' | 'log'>,
  url: string,
): Promise<ContainerBridges> {
  const target = { url: new URL(url), deploymentId: await readDeploymentId(db) }
  const closing = new AbortController()
  const running = new Map<string, Promise<void>>()
  const openNew = () => {
    for (const container of readAgentContainers(dataDir)) {
      if (running.has(container.id) || closing.signal.aborted) continue
      const ended = keepBridge(container, { target, dataDir, log, signal: closing.signal })
      running.set(
        container.id,
        ended.finally(() => running.delete(container.id)),
      )
    }
  }
  openNew()
  const watcher: FSWatcher = watch(agentContainersDir(dataDir), openNew)
  watcher.on('error', (err) => log.warn({ err }, 'could not watch the records of containers'))
  return {
    async close() {
      watcher.close()
      closing.abort()
      await Promise.all(running.values())
    },
  }
}
