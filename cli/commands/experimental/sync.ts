// `coder exp sync`: lets scripts of a workspace coordinate their order through the agent.

import type { UnitDependency } from '../../../api/agents/agent-socket.ts'
import { parseDuration } from '../../arguments/durations.ts'
import { callAgent } from '../../connection/agent-socket.ts'
import { note, print, printJson } from '../../output/print.ts'
import { type ColumnValues, formatTable, type ListOptions, selectColumns } from '../../output/tables.ts'

interface SyncOptions {
  readonly socketPath?: string
}

const socketOf = ({ socketPath }: SyncOptions) => ({ path: socketPath })

export async function pingAgent(_args: readonly string[], options: SyncOptions): Promise<void> {
  await callAgent({ ask: 'ping' }, socketOf(options))
  print('Success')
}

export async function wantUnits([unit = '', ...dependencies]: readonly string[], options: SyncOptions): Promise<void> {
  await callAgent({ ask: 'want', unit, dependencies }, socketOf(options))
  print('Success')
}

export async function startUnit(
  [unit = '']: readonly string[],
  options: SyncOptions & { timeout: string },
): Promise<void> {
  await callAgent(
    { ask: 'start', unit },
    {
      ...socketOf(options),
      timeoutMs: parseDuration(options.timeout, '--timeout'),
      onWait: ({ dependencies }) =>
        note(`Waiting for dependencies of unit '${unit}' to be satisfied: ${unmet(dependencies).join(', ')}`),
    },
  )
  print('Success')
}

const unmet = (dependencies: readonly UnitDependency[]) =>
  dependencies.filter(({ is_satisfied }) => !is_satisfied).map(({ depends_on }) => depends_on)

export async function completeUnit([unit = '']: readonly string[], options: SyncOptions): Promise<void> {
  await callAgent({ ask: 'complete', unit }, socketOf(options))
  print('Success')
}

const columns: ColumnValues<UnitDependency, 'dependencies'> = {
  'depends on': ({ depends_on }) => depends_on,
  'required status': ({ required_status }) => required_status,
  'current status': ({ current_status }) => current_status,
  satisfied: ({ is_satisfied }) => String(is_satisfied),
}

export async function showUnit(
  [unit = '']: readonly string[],
  options: SyncOptions & ListOptions<'dependencies'>,
): Promise<void> {
  const state = await callAgent({ ask: 'status', unit }, socketOf(options))
  if (options.output === 'json') return printJson(state)
  print(`Unit: ${unit}\nStatus: ${state?.status}\nReady: ${state?.is_ready}\n`)
  const dependencies = state?.dependencies ?? []
  print(
    dependencies.length > 0
      ? `Dependencies:\n${formatTable(selectColumns(columns, options.column), dependencies)}`
      : 'No dependencies.',
  )
}
