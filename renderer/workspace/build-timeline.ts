// The steps of a build with their times. For a running build these are the stages of its log; after success they are
// planning, each resource, and the start of each agent, from the recorded timings.

import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type {
  AgentScriptTiming,
  ProvisionerTiming,
  WorkspaceBuild,
  WorkspaceBuildTimings,
} from '../../api/workspaces/builds.ts'
import type { LogLine } from '../api/log-stream.ts'
import { isSet } from '../components/time.tsx'

export interface Step {
  readonly name: string
  /** The step belongs to a resource or an agent, not to the build as a whole. */
  readonly isAddress: boolean
  readonly startMs: number
  /** Absent while the step is running. */
  readonly endMs?: number
  readonly failed: boolean
}

// Shorter phases of the build are not shown.
const minPhaseMs = 20

const ms = (timestamp: string): number => Date.parse(timestamp)

const parseEnd = (timestamp: string | undefined): { endMs?: number } =>
  isSet(timestamp) ? { endMs: Date.parse(timestamp) } : {}

/** Steps in order of their start. */
export function buildSteps(
  build: WorkspaceBuild,
  lines: readonly LogLine[],
  timings: WorkspaceBuildTimings | undefined,
  agents: readonly WorkspaceAgent[],
): Step[] {
  const timed = timings?.provisioner_timings ?? []
  const hasSucceeded = build.job.status === 'succeeded'
  const steps = hasSucceeded && timed.length > 0 ? timedSteps(build, timed) : stageSteps(build, lines)
  const scripts = timings?.agent_script_timings ?? []
  const agentStarts =
    hasSucceeded && build.transition === 'start' ? agents.flatMap((agent) => agentSteps(agent, scripts)) : []
  return [queueStep(build), ...steps, ...agentStarts].sort((a, b) => a.startMs - b.startMs)
}

function queueStep({ job }: WorkspaceBuild): Step {
  return {
    name: 'Queue',
    isAddress: false,
    startMs: ms(job.created_at),
    ...parseEnd(job.started_at ?? job.completed_at),
    failed: false,
  }
}

/** Set-up, the whole planning, each resource, and storing the results. */
function timedSteps({ job }: WorkspaceBuild, timings: readonly ProvisionerTiming[]): Step[] {
  const step = (name: string, startMs: number, endMs: number, isAddress = false): Step => ({
    name,
    isAddress,
    startMs,
    endMs,
    failed: false,
  })
  const planned = timings.filter((timing) => timing.stage === 'plan')
  const applied = timings.filter((timing) => timing.stage === 'apply' && timing.resource)
  const firstStart = Math.min(...timings.map((timing) => ms(timing.started_at)))
  const lastEnd = Math.max(...timings.map((timing) => ms(timing.ended_at)))
  const steps: Step[] = []
  if (isSet(job.started_at)) steps.push(step('Set up', ms(job.started_at), firstStart))
  if (planned.length > 0) {
    steps.push(
      step(
        'Plan',
        Math.min(...planned.map((timing) => ms(timing.started_at))),
        Math.max(...planned.map((timing) => ms(timing.ended_at))),
      ),
    )
  }
  steps.push(...applied.map((timing) => step(timing.resource, ms(timing.started_at), ms(timing.ended_at), true)))
  if (isSet(job.completed_at)) steps.push(step('Store results', lastEnd, ms(job.completed_at)))
  return steps.filter(({ isAddress, startMs, endMs = startMs }) => isAddress || endMs - startMs >= minPhaseMs)
}

/** A stage lasts from its first line to the first line of the next stage; the last stage, to the end of the job. */
function stageSteps({ job }: WorkspaceBuild, lines: readonly LogLine[]): Step[] {
  const firstLines = lines.filter((line, index) => line.stage && line.stage !== lines[index - 1]?.stage)
  return firstLines.map((line, index) => {
    const next = firstLines[index + 1]
    return {
      name: line.stage,
      isAddress: false,
      startMs: ms(line.created_at),
      ...parseEnd(next?.created_at ?? job.completed_at),
      failed: !next && job.status === 'failed',
    }
  })
}

function agentSteps(agent: WorkspaceAgent, timings: readonly AgentScriptTiming[]): Step[] {
  const connect: Step = {
    name: `${agent.name} · connect`,
    isAddress: true,
    startMs: ms(agent.created_at),
    ...parseEnd(agent.first_connected_at),
    failed: agent.status === 'timeout',
  }
  const scripts = timings.filter((timing) => timing.workspace_agent_id === agent.id && timing.stage === 'start')
  if (scripts.length > 0) return [connect, ...scripts.map((timing) => scriptStep(agent, timing))]
  if (!isSet(agent.started_at) || !agent.scripts.some((script) => script.run_on_start)) return [connect]
  const startup: Step = {
    name: `${agent.name} · startup script`,
    isAddress: true,
    startMs: ms(agent.started_at),
    ...parseEnd(agent.ready_at),
    failed: agent.lifecycle_state === 'start_error',
  }
  return [connect, startup]
}

/** A script that has ended, with its own times. */
const scriptStep = (agent: WorkspaceAgent, timing: AgentScriptTiming): Step => ({
  name: `${agent.name} · ${timing.display_name || 'startup script'}`,
  isAddress: true,
  startMs: ms(timing.started_at),
  endMs: ms(timing.ended_at),
  failed: timing.exit_code !== 0,
})
