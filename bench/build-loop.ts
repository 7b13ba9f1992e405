// Builds in a loop, for measuring what they do to everything else: a workspace of this computer is started and stopped.

import type { WorkspaceBuild } from '../api/builds.ts'
import { build, createThisComputer } from '../server/testing/scenes.ts'
import type { Scene } from './scene.ts'

/** @returns what ends the loop and tells the builds that ran meanwhile. */
export async function startBuilding({ client }: Scene): Promise<{ stop(): Promise<WorkspaceBuild[]> }> {
  const { workspace } = await createThisComputer(client, 'building')
  const builds: WorkspaceBuild[] = []
  let isOver = false
  const loop = (async () => {
    while (!isOver) {
      builds.push(await build(client, workspace.id, 'stop'))
      builds.push(await build(client, workspace.id, 'start'))
    }
    await build(client, workspace.id, 'delete')
  })()
  return {
    async stop() {
      isOver = true
      await loop
      return builds
    },
  }
}
