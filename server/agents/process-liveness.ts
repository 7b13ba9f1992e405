// Detects why a local agent disconnected: its process exited, or the computer was rebooted. Compares the PID,
// start time, boot ID and machine ID that the agent reported when it connected.

import type { AgentIdentity } from '../../api/agents/agent-protocol.ts'
import { readMachineId } from '../../lib/machine-id.ts'
import { isAlive, readBootId } from '../../lib/process-identity.ts'
import type { Db } from '../database/connect.ts'
import type { Row } from '../database/schema.ts'

type ProcessColumns = Pick<Row<'workspace_agents'>, 'process_pid' | 'process_started_at' | 'boot_id' | 'machine_id'>

/** Columns of the agent's identity that are stored. */
export function identityRow(identity: AgentIdentity): ProcessColumns {
  return {
    process_pid: identity.pid,
    process_started_at: identity.started_at,
    boot_id: identity.boot_id,
    machine_id: identity.machine_id,
  }
}

type Death = 'restarted' | 'ended'

/** Returns how the agent's process ended; undefined if it is alive or runs on another computer. */
function findDeath(agent: ProcessColumns): Death | undefined {
  const { process_pid: pid, process_started_at: startedAt, boot_id: bootId, machine_id: machineId } = agent
  if (!pid || !startedAt || !bootId || machineId !== readMachineId()) return undefined
  if (bootId !== readBootId()) return 'restarted'
  return isAlive({ pid, startedAt, bootId }) ? undefined : 'ended'
}

/** Whether the agent's process ended because of a reboot. */
export const diedWithComputer = (agent: ProcessColumns): boolean => findDeath(agent) === 'restarted'

/** Message for the user with the next step; undefined if the cause is unknown. */
export function describeDeath(agent: ProcessColumns): string | undefined {
  const death = findDeath(agent)
  const next = 'Press Restart to bring the workspace back.'
  if (death === 'restarted') return `This computer was restarted, which ended the agent and its terminals. ${next}`
  if (death === 'ended')
    return `The agent's process (pid ${agent.process_pid}) has exited, and its terminals have ended. ${next}`
  return undefined
}

/**
 * Marks agents as disconnected whose processes ended while no coderd was running. Live agents
 * have time to reconnect.
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
