// The build history of a workspace, and the page of one build with its steps and log.

import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { WorkspaceBuild } from '../../../api/workspaces/builds.ts'
import { buildQuery, buildsQuery } from '../../api/builds.ts'
import { Failure } from '../../components/failure.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { StatusDot, type Tone } from '../../components/status-dot.tsx'
import { Ago, duration, Elapsed } from '../../components/time.tsx'
import { FailureCard, firstError } from './failure-view.tsx'
import { BuildCard } from './overview.tsx'
import { useWorkspace } from './workspace-page.tsx'

const route = getRouteApi('/signed-in/@{$owner}/$name/builds/$number')

const tones: Record<WorkspaceBuild['job']['status'], Tone> = {
  pending: 'changing',
  running: 'changing',
  canceling: 'changing',
  succeeded: 'running',
  canceled: 'stopped',
  failed: 'failed',
  unknown: 'attention',
}

const words: Record<WorkspaceBuild['job']['status'], string> = {
  pending: 'Waiting',
  running: 'Running',
  canceling: 'Canceling',
  succeeded: 'Succeeded',
  canceled: 'Canceled',
  failed: 'Failed',
  unknown: 'Unknown',
}

function useBuilds() {
  return useQuery(buildsQuery(useWorkspace().id))
}

export function WorkspaceBuilds() {
  const builds = useBuilds()
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-6 pt-5 pb-10 max-sm:px-3">
      {builds.data ? (
        <ul className="overflow-hidden rounded-card border border-line bg-surface">
          {builds.data.map((build) => (
            <BuildRow key={build.id} build={build} />
          ))}
        </ul>
      ) : builds.isError ? (
        <Failure title="Could not load builds" error={builds.error} onRetry={() => void builds.refetch()} />
      ) : (
        <Delayed>
          <Skeleton className="h-44 rounded-card" />
        </Delayed>
      )}
    </div>
  )
}

function BuildRow({ build }: { build: WorkspaceBuild }) {
  const { name, owner_name: owner } = useWorkspace()
  const { job } = build
  const started = job.started_at ?? job.created_at
  return (
    <li className="border-line not-first:border-t">
      <Link
        to="/@{$owner}/$name/builds/$number"
        params={{ owner, name, number: String(build.build_number) }}
        className="grid h-11 grid-cols-[110px_minmax(0,1fr)_88px_110px] items-center gap-4 px-3 hover:bg-hover focus-visible:-outline-offset-2 max-sm:grid-cols-[100px_minmax(0,1fr)_90px]"
      >
        <span className="flex items-center gap-2">
          <StatusDot tone={tones[job.status]} /> {words[job.status]}
        </span>
        <span className="truncate">
          <span className="font-semibold">
            {build.build_number} · {build.transition}
          </span>
          <span className="ml-2 text-sm text-muted">
            by {build.initiator_name || 'Coder Local'}
            {build.template_version_name && `, version ${build.template_version_name}`}
          </span>
        </span>
        <span className="tabular text-right text-sm text-muted max-sm:hidden">
          {job.completed_at ? (
            duration(Date.parse(job.completed_at) - Date.parse(started))
          ) : (
            <Elapsed since={started} />
          )}
        </span>
        <span className="text-right text-sm text-muted">
          <Ago at={build.created_at} />
        </span>
      </Link>
    </li>
  )
}

export function WorkspaceBuildPage() {
  const { number } = route.useParams()
  const { id, name, owner_name: owner } = useWorkspace()
  const loaded = useQuery(buildQuery(id, owner, name, number))
  const build = loaded.data
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-6 pt-5 pb-10 max-sm:px-3">
      <Link
        to="/@{$owner}/$name/builds"
        params={{ owner, name }}
        className="self-start text-sm text-muted hover:text-text"
      >
        ← All builds
      </Link>
      {build ? (
        <>
          {build.job.status === 'failed' && <FailureCard failure={firstError(build, [])} />}
          <BuildCard build={build} />
        </>
      ) : (
        loaded.isError && <p className="text-muted">This workspace has no build {number}.</p>
      )}
    </div>
  )
}
