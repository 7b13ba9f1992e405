// The page of a workspace: a header with its state and primary action, and its tabs.

import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Outlet, useMatchRoute, useNavigate, useRouter } from '@tanstack/react-router'
import { CircleStop, Play, Square, SquareTerminal } from 'lucide-react'
import { createContext, useContext, useEffect } from 'react'
import { ApiError } from '../../../api/errors.ts'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { usePermissions } from '../../api/authorization.ts'
import { useCancelBuild, useCreateBuild, workspaceQuery } from '../../api/workspaces.ts'
import { Button, ButtonLink } from '../../components/button.tsx'
import { Failure } from '../../components/failure.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { StatusDot } from '../../components/status-dot.tsx'
import { type TabLink, TabLinks } from '../../components/tab-links.tsx'
import { Ago, duration, Elapsed } from '../../components/time.tsx'
import { useKeys } from '../../keys.ts'
import { Page } from '../../shell/page.tsx'
import { WorkspaceMenu } from '../../workspace/workspace-menu.tsx'
import {
  canOpenTerminal,
  canStart,
  canStop,
  isBuilding,
  isRunning,
  mainAgent,
  workspaceState,
} from '../../workspace/workspace-state.ts'
import { NotFound } from '../not-found/not-found.tsx'
import { WorkspaceNotice } from './workspace-notice.tsx'

const route = getRouteApi('/signed-in/@{$owner}/$name')

const WorkspaceContext = createContext<Workspace | null>(null)

/** The workspace of the page, for its tabs. */
export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext)
  if (!workspace) throw new Error('useWorkspace requires a WorkspacePage')
  return workspace
}

/** Addresses may include an agent, as in Coder: `name.agent`. */
const workspacePart = (name: string): string => name.split('.')[0] ?? name

export function WorkspacePage() {
  const { owner, name } = route.useParams()
  const workspace = useQuery(workspaceQuery(owner, workspacePart(name)))
  useFollowRename(workspace.data, workspacePart(name))
  if (workspace.data && workspace.data.latest_build.status !== 'deleted') {
    return (
      <WorkspaceContext.Provider value={workspace.data}>
        <LoadedWorkspace workspace={workspace.data} />
      </WorkspaceContext.Provider>
    )
  }
  const isMissing =
    workspace.data !== undefined || (workspace.error instanceof ApiError && [404, 410].includes(workspace.error.status))
  if (isMissing)
    return <NotFound title={`Workspace “${name}” not found`} text="It was deleted, or you do not have access to it." />
  return (
    <Page title={name} parents={[{ label: 'Workspaces', link: { to: '/workspaces' } }]}>
      <div className="px-6 pt-6 max-sm:px-3">
        {workspace.isError ? (
          <Failure title={`Could not load ${name}`} error={workspace.error} onRetry={() => void workspace.refetch()} />
        ) : (
          <Delayed>
            <Skeleton className="mb-8 h-8 w-72" />
            <Skeleton className="h-64 rounded-card" />
          </Delayed>
        )}
      </div>
    </Page>
  )
}

/** Replaces the name in the address when the workspace has been renamed. */
function useFollowRename(workspace: Workspace | undefined, shownName: string): void {
  const router = useRouter()
  const isRenamed = workspace !== undefined && workspace.name.toLowerCase() !== shownName.toLowerCase()
  const { name = '' } = workspace ?? {}
  useEffect(() => {
    if (!isRenamed) return
    const path = router.history.location.href.replace(`/${shownName}`, `/${name}`)
    router.history.replace(path)
  }, [isRenamed, name, shownName, router])
}

function LoadedWorkspace({ workspace }: { workspace: Workspace }) {
  const params = { owner: workspace.owner_name, name: workspace.name }
  const navigate = useNavigate()
  const { canUpdate = false } = usePermissions({
    canUpdate: {
      action: 'update',
      object: { resource_type: 'workspace', owner_id: workspace.owner_id, resource_id: workspace.id },
    },
  })
  useKeys('Workspace', [
    {
      keys: 'T',
      label: 'Open terminal',
      run: () => canOpenTerminal(workspace) && navigate({ to: '/@{$owner}/$name/terminal', params }),
    },
    { keys: 'Escape', label: 'Back to workspaces', run: () => navigate({ to: '/workspaces' }) },
  ])
  const tabs: TabLink[] = [
    { label: 'Overview', link: { to: '/@{$owner}/$name', params } },
    ...(isRunning(workspace)
      ? [{ label: 'Terminal', link: { to: '/@{$owner}/$name/terminal', params } } satisfies TabLink]
      : []),
    { label: 'Logs', link: { to: '/@{$owner}/$name/logs', params } },
    { label: 'Builds', link: { to: '/@{$owner}/$name/builds', params }, hasPages: true },
    ...(canUpdate
      ? [{ label: 'Settings', link: { to: '/@{$owner}/$name/settings', params }, hasPages: true } satisfies TabLink]
      : []),
  ]
  return (
    <Page fills title={workspace.name} parents={[{ label: 'Workspaces', link: { to: '/workspaces' } }]}>
      <Header workspace={workspace} />
      <WorkspaceNotice workspace={workspace} />
      <TabLinks label="Workspace sections" tabs={tabs} />
      <Outlet />
    </Page>
  )
}

function Header({ workspace }: { workspace: Workspace }) {
  const { tone } = workspaceState(workspace)
  const navigate = useNavigate()
  return (
    <header className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-3 px-6 pt-5 pb-3 max-sm:px-3 max-sm:pt-3">
      <div className="flex min-w-0 flex-[1_1_240px] flex-wrap items-baseline gap-x-3">
        <h1 className="flex min-w-0 items-center gap-2.5 text-xl font-bold">
          <StatusDot tone={tone} />
          <span className="truncate">{workspace.name}</span>
        </h1>
        <p className="tabular text-sm text-muted">
          <StateDescription workspace={workspace} />
        </p>
      </div>
      <div className="flex items-center gap-2">
        <Actions workspace={workspace} />
        <WorkspaceMenu workspace={workspace} onDeleted={() => void navigate({ to: '/workspaces' })} />
      </div>
    </header>
  )
}

/** The state with its time, or the queue position of a pending build. */
function StateDescription({ workspace }: { workspace: Workspace }) {
  const { label, since } = workspaceState(workspace)
  const { latest_build: build } = workspace
  const completedAt = build.job.completed_at
  if (build.status === 'pending') {
    const { queue_position: position } = build.job
    return (
      <>
        Waiting for a provisioner{position > 0 && ` · ${position} ahead`} · {since && <Elapsed since={since} />}
      </>
    )
  }
  if (since) {
    return (
      <>
        {label} · <Elapsed since={since} />
      </>
    )
  }
  if (build.status === 'failed') {
    const took =
      completedAt && build.job.started_at ? Date.parse(completedAt) - Date.parse(build.job.started_at) : undefined
    return (
      <>
        Build {build.build_number} failed <Ago at={completedAt ?? build.updated_at} />
        {took !== undefined && `, after ${duration(took)}`}
      </>
    )
  }
  return (
    <>
      {label} · {isRunning(workspace) ? 'started' : 'since'} <Ago at={completedAt ?? build.updated_at} />
    </>
  )
}

function Actions({ workspace }: { workspace: Workspace }) {
  const isInTerminal =
    useMatchRoute()({
      to: '/@{$owner}/$name/terminal',
      params: { owner: workspace.owner_name, name: workspace.name },
    }) !== false
  const build = useCreateBuild()
  const cancel = useCancelBuild()
  const params = { owner: workspace.owner_name, name: workspace.name }
  const { status } = workspace.latest_build
  if (isBuilding(workspace)) {
    return (
      <Button disabled={status === 'canceling'} busy={cancel.isPending} onClick={() => cancel.mutate(workspace)}>
        <CircleStop className="size-4" aria-hidden /> {status === 'canceling' ? 'Canceling' : 'Cancel build'}
      </Button>
    )
  }
  const hasFailed = status === 'failed'
  const agent = mainAgent(workspace)
  const isAgentHealthy = agent?.status === 'connected' || agent?.status === 'connecting'
  return (
    <>
      {canOpenTerminal(workspace) && isAgentHealthy && !isInTerminal && (
        <ButtonLink variant="primary" to="/@{$owner}/$name/terminal" params={params}>
          <SquareTerminal className="size-4" aria-hidden /> Terminal
        </ButtonLink>
      )}
      {canStart(workspace) && (hasFailed || !isRunning(workspace) || !isAgentHealthy) && (
        <Button
          variant="primary"
          busy={build.isPending}
          onClick={() => build.mutate({ workspace, transition: retryTransition(workspace) })}
        >
          <Play className="size-4" aria-hidden />{' '}
          {hasFailed ? 'Try again' : isRunning(workspace) ? 'Restart workspace' : 'Start workspace'}
        </Button>
      )}
      {canStop(workspace) && !hasFailed && (
        <Button busy={build.isPending} onClick={() => build.mutate({ workspace, transition: 'stop' })}>
          <Square className="size-4" aria-hidden /> Stop workspace
        </Button>
      )}
    </>
  )
}

/** A failed stop or deletion is retried with the same transition. */
const retryTransition = (workspace: Workspace) =>
  workspace.latest_build.status === 'failed' ? workspace.latest_build.transition : 'start'
