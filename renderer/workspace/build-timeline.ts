// The steps of a build with their times, from what is known of it: the job's stamps, the stages in its log, the
// resources it touched, and how its agents came up.

import type { WorkspaceAgent } from '../../api/agents.ts'
import type { WorkspaceBuild, WorkspaceBuildTimings } from '../../api/builds.ts'
import type { LogLine } from '../api/log-stream.ts'
import { isSet } from '../components/time.tsx'

export interface Step {
  readonly name: string
  /** A resource's address rather than a stage. */
  readonly isAddress: boolean
  readonly startMs: number
  /** Absent while it goes on. */
  readonly endMs?: number
  readonly failed: boolean
}

const ms = (timestamp: string): number => Date.parse(timestamp)

/** Steps in order of their start. */
export function buildSteps(
  build: WorkspaceBuild,
  lines: readonly LogLine[],
  timings: WorkspaceBuildTimings | undefined,
  agents: readonly WorkspaceAgent[],
): Step[] {
  const resources = (timings?.provisioner_timings ?? []).filter((timing) => timing.stage === 'apply' && timing.resource)
  const steps = [...queueStep(build), ...stageSteps(build, lines)]
  if (resources.length > 0) {
    steps.push(
      ...resources.map((timing) => ({
        name: timing.resource,
        isAddress: true,
        startMs: ms(timing.started_at),
        endMs: ms(timing.ended_at),
        failed: false,
      })),
    )
  }
  const isStarted = build.transition === 'start' && build.job.status === 'succeeded'
  return [...steps, ...(isStarted ? agents.flatMap(agentSteps) : [])].sort((a, b) => a.startMs - b.startMs)
}

function queueStep({ job }: WorkspaceBuild): Step[] {
  const startMs = ms(job.created_at)
  if (isSet(job.started_at))
    return [{ name: 'Queue', isAddress: false, startMs, endMs: ms(job.started_at), failed: false }]
  const wasCanceled = isSet(job.completed_at)
  return [
    {
      name: 'Queue',
      isAddress: false,
      startMs,
      ...(wasCanceled ? { endMs: ms(job.completed_at as string) } : {}),
      failed: false,
    },
  ]
}

/** A stage lasts from its first line to the first of the next, the last one to the end of the job. */
function stageSteps({ job }: WorkspaceBuild, lines: readonly LogLine[]): Step[] {
  const firstLines = lines.filter((line, index) => line.stage && line.stage !== lines[index - 1]?.stage)
  return firstLines.map((line, index) => {
    const next = firstLines[index + 1]
    const end = next?.created_at ?? (isSet(job.completed_at) ? job.completed_at : undefined)
    return {
      name: line.stage,
      isAddress: false,
      startMs: ms(line.created_at),
      ...(end ? { endMs: Math.max(ms(line.created_at), ms(end)) } : {}),
      failed: !next && job.status === 'failed',
    }
  })
}

function agentSteps(agent: WorkspaceAgent): Step[] {
  const connected = agent.first_connected_at
  const steps: Step[] = [
    {
      name: `${agent.name} · connect`,
      isAddress: true,
      startMs: ms(agent.created_at),
      ...(isSet(connected) ? { endMs: ms(connected) } : {}),
      failed: agent.status === 'timeout',
    },
  ]
  if (isSet(agent.started_at) && agent.scripts.some((script) => script.run_on_start)) {
    const isOver = isSet(agent.ready_at)
    steps.push({
      name: `${agent.name} · startup script`,
      isAddress: true,
      startMs: ms(agent.started_at),
      ...(isOver ? { endMs: ms(agent.ready_at as string) } : {}),
      failed: agent.lifecycle_state === 'start_error',
    })
  }
  return steps
}
