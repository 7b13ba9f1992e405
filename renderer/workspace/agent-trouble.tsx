// An agent that is not well: why, as far as coderd knows, where more is told of it, and the press that brings it back.

import { Link } from '@tanstack/react-router'
import { CircleAlert } from 'lucide-react'
import type { WorkspaceAgent } from '../../api/agents/agents.ts'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { useBuild } from '../api/workspaces.ts'
import { Button } from '../components/button.tsx'
import { classNames } from '../components/class-names.ts'
import { agentState, isBuilding } from './workspace-state.ts'

interface AgentTroubleProps {
  agent: WorkspaceAgent
  workspace: Workspace
  className?: string
}

/** Nothing while the agent is well or on its way. */
export function AgentTrouble({ agent, workspace, className }: AgentTroubleProps) {
  const build = useBuild()
  const { tone, word } = agentState(agent)
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
          {asSentence(agent.health.reason) || `The agent “${agent.name}” does not answer. ${word}.`}
        </span>
      </p>
      <span className="flex flex-wrap items-center gap-3">
        {agent.troubleshooting_url && (
          <a href={agent.troubleshooting_url} target="_blank" rel="noreferrer" className="underline">
            What the template says
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
          Restart
        </Button>
      </span>
    </div>
  )
}

const asSentence = (text = ''): string => (text === '' ? '' : (text[0] ?? '').toUpperCase() + text.slice(1))
