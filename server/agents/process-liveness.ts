// Detects why a local agent disconnected: its process exited, or the computer was rebooted. Compares the PID, start
// time, boot ID and machine ID that the agent reported when it connected.

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

type ExitCause = 'reboot' | 'exit'

/** Undefined if the agent's process is alive or runs on another computer. */
function findExitCause(agent: ProcessColumns): ExitCause | undefined {
  const { process_pid: pid, process_started_at: startedAt, boot_id: bootId, machine_id: machineId } = agent
  if (!pid || !startedAt || !bootId || machineId !== readMachineId()) return undefined
  if (bootId !== readBootId()) return 'reboot'
  return isAlive({ pid, startedAt, bootId }) ? undefined : 'exit'
}

/** Whether a reboot terminated the agent's process. */
export const exitedByReboot = (agent: ProcessColumns): boolean => findExitCause(agent) === 'reboot'

/** Message for the user with the next step; undefined if the cause is unknown. */
export function describeExit(agent: ProcessColumns): string | undefined {
  const cause = findExitCause(agent)
  const nextStep = 'Restart the workspace to use it again.'
  if (cause === 'reboot')
    return `This computer was restarted, which terminated the agent and its terminals. ${nextStep}`
  if (cause === 'exit')
    return `The agent's process (pid ${agent.process_pid}) has exited and its terminals are closed. ${nextStep}`
  return undefined
}

/** Marks agents as disconnected whose processes exited while no coderd was running. Live agents are expected to
 *  reconnect. */
export async function markExitedAgents(db: Db): Promise<number> {
  const candidates = await db
    .selectFrom('workspace_agents')
    .select(['id', 'process_pid', 'process_started_at', 'boot_id', 'machine_id'])
    .where('first_connected_at', 'is not', null)
    .where((eb) => eb.or([eb('disconnected_at', 'is', null), eb('disconnected_at', '<', eb.ref('last_connected_at'))]))
    .execute()
  const exited = candidates.filter(findExitCause).map(({ id }) => id)
  if (exited.length === 0) return 0
  await db.updateTable('workspace_agents').set({ disconnected_at: new Date() }).where('id', 'in', exited).execute()
  return exited.length
}
