// The user's workspaces, with keyboard navigation. Shows the welcome page if there are none.

import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { FolderOpen, ListFilter, Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { useCreateBuild, workspacesQuery } from '../../api/workspaces.ts'
import { Button } from '../../components/button.tsx'
import { classNames } from '../../components/class-names.ts'
import { Failure } from '../../components/failure.tsx'
import { inputClass } from '../../components/field.tsx'
import { Kbd } from '../../components/kbd.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { useKeys } from '../../keys.ts'
import { Page } from '../../shell/page.tsx'
import { useFolderDialog } from '../../workspace/folder-dialog.tsx'
import { useNewWorkspace } from '../../workspace/new-workspace.ts'
import { useGoToTerminal } from '../../workspace/open-folder.ts'
import { canOpenTerminal, canStart, canStop, isRunning } from '../../workspace/workspace-state.ts'
import { WelcomePage } from '../welcome/welcome.tsx'
import { type Chip, countMatches, filterWorkspaces } from './filter.ts'
import { WorkspaceTable } from './workspace-table.tsx'

export function WorkspacesPage() {
  const workspaces = useQuery(workspacesQuery)
  if (workspaces.data?.length === 0) return <WelcomePage />
  return (
    <Page title="Workspaces">
      <div className="px-6 pt-6 pb-12 max-sm:px-3 max-sm:pt-4">
        {workspaces.data ? (
          <WorkspaceList workspaces={workspaces.data} />
        ) : workspaces.isError ? (
          <Failure
            title="Could not load workspaces"
            error={workspaces.error}
            onRetry={() => void workspaces.refetch()}
          />
        ) : (
          <Delayed>
            <ListSkeleton />
          </Delayed>
        )}
      </div>
    </Page>
  )
}

const skeletonRows = [1, 2, 3, 4, 5, 6]

function ListSkeleton() {
  return (
    <>
      <Skeleton className="mb-6 h-8 w-56" />
      <Skeleton className="mb-3 h-8 w-96 max-w-full" />
      <div className="overflow-hidden rounded-card border border-line bg-surface">
        {skeletonRows.map((row) => (
          <div key={row} className="flex h-11 items-center gap-6 border-line px-3 not-first:border-t">
            <Skeleton className="h-3.5 w-24" />
            <Skeleton className="h-3.5 w-1/4" />
            <Skeleton className="ml-auto h-3.5 w-20" />
          </div>
        ))}
      </div>
    </>
  )
}

function WorkspaceList({ workspaces }: { workspaces: readonly Workspace[] }) {
  const [text, setText] = useState('')
  const [chip, setChip] = useState<Chip>('all')
  const [activeId, setActiveId] = useState<string>()
  const filterBox = useRef<HTMLInputElement>(null)
  const newWorkspace = useNewWorkspace()
  const openFolder = useFolderDialog()
  const shown = filterWorkspaces(workspaces, text, chip)
  const active = shown.find(({ id }) => id === activeId) ?? shown[0]
  useListKeys(shown, active, setActiveId, () => filterBox.current?.focus())
  const runningCount = workspaces.filter(isRunning).length

  return (
    <>
      <header className="mb-5 flex flex-wrap items-center gap-x-3 gap-y-3">
        <h1 className="text-xl font-bold">Workspaces</h1>
        <span className="tabular flex-1 text-sm text-muted">
          {workspaces.length} · {runningCount} running
        </span>
        <Button onClick={openFolder}>
          <FolderOpen className="size-4" aria-hidden />
          <span className="max-sm:sr-only">Open folder…</span>
        </Button>
        <Button variant="primary" onClick={newWorkspace}>
          <Plus className="size-4" aria-hidden /> New<span className="-ml-1 max-sm:sr-only">workspace</span>
        </Button>
      </header>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <div className="relative max-w-[420px] min-w-[220px] flex-[1_1_220px]">
          <ListFilter className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted" aria-hidden />
          <input
            ref={filterBox}
            type="text"
            aria-label="Filter workspaces"
            placeholder="Name, state, folder, template"
            className={inputClass('pr-9 pl-8 text-sm')}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') setText('')
              if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown')
                event.currentTarget.blur()
            }}
          />
          <span className="pointer-events-none absolute top-1.5 right-2 flex max-sm:hidden">
            <Kbd>/</Kbd>
          </span>
        </div>
        <ChipButton chip="running" current={chip} onChoose={setChip}>
          Running · {countMatches(workspaces, 'running')}
        </ChipButton>
        <ChipButton chip="attention" current={chip} onChoose={setChip}>
          Needs attention · {countMatches(workspaces, 'attention')}
        </ChipButton>
      </div>
      {shown.length > 0 ? (
        <WorkspaceTable workspaces={shown} active={active} onActivate={setActiveId} />
      ) : (
        <div className="rounded-card border border-line bg-surface px-4 py-10 text-center">
          <p className="text-muted">No workspaces match the filter.</p>
          <Button
            className="mt-3"
            onClick={() => {
              setText('')
              setChip('all')
            }}
          >
            Show all workspaces
          </Button>
        </div>
      )}
      <KeyHints />
    </>
  )
}

function ChipButton({
  chip,
  current,
  onChoose,
  children,
}: {
  chip: Chip
  current: Chip
  onChoose: (chip: Chip) => void
  children: React.ReactNode
}) {
  const isOn = chip === current
  return (
    <Button
      variant="quiet"
      className={classNames('tabular', isOn && 'bg-accent-soft text-accent-text')}
      aria-pressed={isOn}
      onClick={() => onChoose(isOn ? 'all' : chip)}
    >
      {children}
    </Button>
  )
}

function useListKeys(
  shown: readonly Workspace[],
  active: Workspace | undefined,
  setActiveId: (id: string) => void,
  focusFilter: () => void,
): void {
  const navigate = useNavigate()
  const goToTerminal = useGoToTerminal()
  const build = useCreateBuild()
  const move = (step: number) => {
    const index = active ? shown.indexOf(active) : -1
    const next = shown[Math.min(shown.length - 1, Math.max(0, index + step))]
    if (next) setActiveId(next.id)
  }
  useKeys('Workspaces', [
    { keys: 'J', label: 'Next workspace', run: () => move(1) },
    { keys: 'K', label: 'Previous workspace', run: () => move(-1) },
    { keys: 'Down', label: 'Next workspace', isAlias: true, run: () => move(1) },
    { keys: 'Up', label: 'Previous workspace', isAlias: true, run: () => move(-1) },
    {
      keys: 'Enter',
      label: 'Open workspace',
      run: () =>
        active && navigate({ to: '/@{$owner}/$name', params: { owner: active.owner_name, name: active.name } }),
    },
    { keys: 'T', label: 'Open terminal', run: () => active && canOpenTerminal(active) && void goToTerminal(active) },
    {
      keys: 'S',
      label: 'Start or stop workspace',
      run: () => {
        if (!active) return
        if (canStart(active)) build.mutate({ workspace: active, transition: 'start' })
        else if (canStop(active)) build.mutate({ workspace: active, transition: 'stop' })
      },
    },
    { keys: '/', label: 'Filter workspaces', run: focusFilter },
  ])
}

const hints = [
  ['↑↓', 'move'],
  ['Enter', 'open'],
  ['T', 'terminal'],
  ['S', 'start or stop'],
  ['?', 'all shortcuts'],
] as const

function KeyHints() {
  return (
    <p className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted max-sm:hidden">
      {hints.map(([key, label]) => (
        <span key={key} className="flex items-center gap-1.5">
          <Kbd>{key}</Kbd> {label}
        </span>
      ))}
    </p>
  )
}
