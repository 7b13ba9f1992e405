// Alert for an unhealthy agent: the cause, links to troubleshooting and logs, and a restart button.

import { Link } from '@tanstack/react-router'
import { CircleAlert } from 'lucide-react'
import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { useCreateBuild } from '../api/workspaces.ts'
import { Button } from '../components/button.tsx'
import { classNames } from '../components/class-names.ts'
import { agentState, isBuilding } from './workspace-state.ts'

interface AgentAlertProps {
  agent: WorkspaceAgent
  workspace: Workspace
  className?: string
}

/** Renders nothing for a healthy or connecting agent. */
export function AgentAlert({ agent, workspace, className }: AgentAlertProps) {
  const build = useCreateBuild()
  const { tone, label } = agentState(agent)
  if (tone !== 'attention') return null
  return (
    <div
      role="alert"
      className={classNames(
        'flex flex-wrap items-center gap-3 border border-attention bg-attention-soft/40 p-3 text-sm',
        className,
      )}
    >
      <p className="flex min-w-0 flex-[1_1_16rem] gap-2">
        <CircleAlert className="mt-0.5 size-4 shrink-0 text-attention-text" aria-hidden />
        <span className="min-w-0 break-words">
          {capitalize(agent.health.reason) || `Agent “${agent.name}” is not responding. ${label}.`}
        </span>
      </p>
      <span className="flex flex-wrap items-center gap-3">
        {agent.troubleshooting_url && (
          <a href={agent.troubleshooting_url} target="_blank" rel="noreferrer" className="underline">
            Troubleshooting guide
          </a>
        )}
        <Link
          to="/@{$owner}/$name/logs"
          params={{ owner: workspace.owner_name, name: workspace.name }}
          className="underline"
        >
          Logs
        </Link>
        <Button
          disabled={isBuilding(workspace)}
          busy={build.isPending}
          onClick={() => build.mutate({ workspace, transition: 'start' })}
        >
          Restart workspace
        </Button>
      </span>
    </div>
  )
}

const capitalize = (text = ''): string => (text === '' ? '' : (text[0] ?? '').toUpperCase() + text.slice(1))
