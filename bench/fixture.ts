// Fixture of most benchmarks: a deployment with a workspace on this computer.

import type { WorkspaceAgent } from '../api/agents/agents.ts'
import type { Client } from '../api/client.ts'
import { type Deployment, startDeployment } from '../e2e/support/deployment.ts'
import { createLocalWorkspace } from '../server/testing/workspace-fixtures.ts'

export interface Fixture {
  readonly deployment: Deployment
  readonly client: Client
  readonly token: string
  readonly agent: WorkspaceAgent
  close(): Promise<void>
}

export async function openFixture(): Promise<Fixture> {
  const deployment = await startDeployment()
  try {
    const { client, token } = await deployment.signIn()
    const { agent } = await createLocalWorkspace(client, 'bench')
    return { deployment, client, token, agent, close: () => deployment.close() }
  } catch (error) {
    await deployment.close()
    throw error
  }
}
