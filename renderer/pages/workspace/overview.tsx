// The first tab: the current build while it is running or if it failed, otherwise the agents and resources.

import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { WorkspaceBuild } from '../../../api/workspaces/builds.ts'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { agentsOf } from '../../api/agents.ts'
import { buildTimingsQuery } from '../../api/builds.ts'
import { useAgentLog, useBuildLog } from '../../api/log-stream.ts'
import { Card } from '../../components/card.tsx'
import { classNames } from '../../components/class-names.ts'
import { duration } from '../../components/time.tsx'
import { buildSteps } from '../../workspace/build-timeline.ts'
import { LogView } from '../../workspace/log-view.tsx'
import { Timeline } from '../../workspace/timeline.tsx'
import { canOpenTerminal, isBuilding } from '../../workspace/workspace-state.ts'
import { AgentCard } from './agent-card.tsx'
import { FailureView } from './failure-view.tsx'
import { ResourcesCard } from './resources-card.tsx'
import { useWorkspace } from './workspace-page.tsx'

const route = getRouteApi('/signed-in/@{$owner}/$name/')

export function WorkspaceOverview() {
  const workspace = useWorkspace()
  useOpenTerminalWhenReady(workspace)
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-6 pt-5 pb-10 max-sm:px-3">
      {workspace.latest_build.status === 'failed' ? (
        <FailureView workspace={workspace} />
      ) : (
        <WorkspaceDetails workspace={workspace} />
      )}
    </div>
  )
}

/** `?open=terminal`: opens the terminal as soon as the agent connects. */
function useOpenTerminalWhenReady(workspace: Workspace): void {
  const { open } = route.useSearch()
  const navigate = useNavigate()
  const isReady =
    canOpenTerminal(workspace) && agentsOf(workspace.latest_build).some((agent) => agent.status === 'connected')
  const { owner_name: owner, name } = workspace
  useEffect(() => {
    if (open === 'terminal' && isReady)
      void navigate({ to: '/@{$owner}/$name/terminal', params: { owner, name }, replace: true })
  }, [open, isReady, navigate, owner, name])
}

function WorkspaceDetails({ workspace }: { workspace: Workspace }) {
  const { latest_build: build } = workspace
  const agents = agentsOf(build)
  return (
    <div
      className={classNames(
        'grid items-start gap-4',
        build.resources.length > 0 && 'lg:grid-cols-[minmax(0,1fr)_340px]',
      )}
    >
      <div className="flex min-w-0 flex-col gap-4">
        <BuildCard build={build} />
        {agents
          .filter((agent) => !isBuilding(workspace) && agent.logs_length > 0)
          .map((agent) => (
            <AgentLogView key={agent.id} agentId={agent.id} agentName={agent.name} workspaceName={workspace.name} />
          ))}
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        {agents.map((agent) => (
          <AgentCard key={agent.id} agent={agent} workspace={workspace} />
        ))}
        <ResourcesCard build={build} />
      </div>
    </div>
  )
}

function AgentLogView({
  agentId,
  agentName,
  workspaceName,
}: {
  agentId: string
  agentName: string
  workspaceName: string
}) {
  return (
    <LogView
      title="Startup log"
      note={agentName}
      log={useAgentLog(agentId)}
      emptyText="No output."
      fileName={`${workspaceName}-${agentName}`}
      className="h-[280px]"
    />
  )
}

/** The steps of a build and its log. */
export function BuildCard({ build }: { build: WorkspaceBuild }) {
  const log = useBuildLog(build.id)
  const { data: timings } = useQuery({
    ...buildTimingsQuery(build.workspace_id, build.id),
    enabled: build.job.completed_at !== undefined,
  })
  const steps = buildSteps(build, log.lines, timings, agentsOf(build))
  const { started_at: started, completed_at: completed } = build.job
  const version = build.template_version_name ? `template version ${build.template_version_name}` : ''
  return (
    <>
      <Card
        title={`Build ${build.build_number} · ${build.transition}`}
        note={[`by ${build.initiator_name || 'Coder Local'}`, version].filter(Boolean).join(', ')}
        aside={started && completed ? duration(Date.parse(completed) - Date.parse(started)) : undefined}
      >
        <Timeline steps={steps} />
      </Card>
      <LogView
        title="Build log"
        note={log.lines.at(-1)?.stage}
        log={log}
        emptyText={
          build.status === 'pending'
            ? 'Waiting for a provisioner.'
            : log.state === 'completed'
              ? 'No output.'
              : 'Waiting for output.'
        }
        fileName={`${build.workspace_name}-build-${build.build_number}`}
        className="h-[280px]"
      />
    </>
  )
}
