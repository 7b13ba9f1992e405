// Says what became of an agent that is gone, where this computer can know it: its process ended, or the whole computer
// was restarted. Proved by process number, start time, boot and machine, as the agent reported them when it connected.

import type { AgentIdentity } from '../../api/agents/agent-protocol.ts'
import { readMachineId } from '../../lib/machine-id.ts'
import { isAlive, readBootId } from '../../lib/process-identity.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'

type ProcessColumns = Pick<Row<'workspace_agents'>, 'process_pid' | 'process_started_at' | 'boot_id' | 'machine_id'>

/** What of an agent's identity is kept. */
export function identityRow(identity: AgentIdentity): ProcessColumns {
  return {
    process_pid: identity.pid,
    process_started_at: identity.started_at,
    boot_id: identity.boot_id,
    machine_id: identity.machine_id,
  }
}

type Death = 'restarted' | 'ended'

/** What is known of the agent's process; undefined when it lives, or runs where this computer cannot look. */
function findDeath(agent: ProcessColumns): Death | undefined {
  const { process_pid: pid, process_started_at: startedAt, boot_id: bootId, machine_id: machineId } = agent
  if (!pid || !startedAt || !bootId || machineId !== readMachineId()) return undefined
  if (bootId !== readBootId()) return 'restarted'
  return isAlive({ pid, startedAt, bootId }) ? undefined : 'ended'
}

/** Whether the agent's process ended because the whole computer did. */
export const diedWithComputer = (agent: ProcessColumns): boolean => findDeath(agent) === 'restarted'

/** A sentence for the person, with what to do; undefined when nothing is known. */
export function describeDeath(agent: ProcessColumns): string | undefined {
  const death = findDeath(agent)
  const next = 'Press Restart to bring the workspace back.'
  if (death === 'restarted')
    return `This computer was restarted, and the agent and its terminals ended with it. ${next}`
  if (death === 'ended')
    return `The agent's process (pid ${agent.process_pid}) has ended, and its terminals with it. ${next}`
  return undefined
}

/**
 * Marks agents as gone whose processes did not outlive the time that no coderd was there to see it. Those that live
 * have their time to dial again.
 */
export async function markDead(db: Db): Promise<number> {
  const open = await db
    .selectFrom('workspace_agents')
    .select(['id', 'process_pid', 'process_started_at', 'boot_id', 'machine_id'])
    .where('first_connected_at', 'is not', null)
    .where((eb) => eb.or([eb('disconnected_at', 'is', null), eb('disconnected_at', '<', eb.ref('last_connected_at'))]))
    .execute()
  const dead = open.filter(findDeath).map(({ id }) => id)
  if (dead.length === 0) return 0
  await db.updateTable('workspace_agents').set({ disconnected_at: new Date() }).where('id', 'in', dead).execute()
  return dead.length
}
