// The virtual list of workspaces. Only visible rows are rendered, and only the active or hovered row has actions, so that
// a thousand rows scroll smoothly.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Play, Square, SquareTerminal } from 'lucide-react'
import { memo, useEffect, useRef, useState } from 'react'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { thisComputerQuery } from '../../api/local.ts'
import { useCreateBuild } from '../../api/workspaces.ts'
import { Badge } from '../../components/badge.tsx'
import { Button, ButtonLink } from '../../components/button.tsx'
import { classNames } from '../../components/class-names.ts'
import { StatusDot } from '../../components/status-dot.tsx'
import { Ago, Elapsed } from '../../components/time.tsx'
import { Tooltip } from '../../components/tooltip.tsx'
import { WorkspaceMenu } from '../../workspace/workspace-menu.tsx'
import {
  canOpenTerminal,
  canStart,
  canStop,
  folderOf,
  shortFolder,
  workspaceState,
} from '../../workspace/workspace-state.ts'
import { useVisibleRows } from './visible-rows.ts'

// h-11, including the border above the row.
const rowHeight = 44

// Container queries: all columns, without the template, without state and location.
const columns =
  'grid items-center gap-x-4 px-3 grid-cols-[minmax(0,1fr)_88px_28px] ' +
  '@min-[560px]:grid-cols-[148px_minmax(0,1fr)_92px_160px] ' +
  '@min-[860px]:grid-cols-[172px_minmax(0,2fr)_minmax(150px,1fr)_100px_168px]'
const fromMedium = 'hidden @min-[560px]:flex'
const fromWide = 'hidden @min-[860px]:flex'
const notSmall = '@max-[560px]:hidden'
const onlySmall = '@min-[560px]:hidden'

interface WorkspaceTableProps {
  workspaces: readonly Workspace[]
  active: Workspace | undefined
  onActivate: (id: string) => void
}

export function WorkspaceTable({ workspaces, active, onActivate }: WorkspaceTableProps) {
  const { data: computer } = useQuery(thisComputerQuery)
  const list = useRef<HTMLDivElement>(null)
  const { range, reveal } = useVisibleRows(list, rowHeight)
  const activeIndex = active ? workspaces.indexOf(active) : -1
  const lastRevealed = useRef(activeIndex)
  useEffect(() => {
    if (activeIndex >= 0 && activeIndex !== lastRevealed.current) reveal(activeIndex)
    lastRevealed.current = activeIndex
  }, [activeIndex, reveal])
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table element would need all its rows
    <div
      role="table"
      aria-label="Workspaces"
      aria-rowcount={workspaces.length + 1}
      className="@container overflow-hidden rounded-card border border-line bg-surface"
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see above */}
      <div role="row" tabIndex={-1} className={classNames(columns, 'h-8 text-sm text-muted')}>
        <Head className={fromMedium}>State</Head>
        <Head>Name</Head>
        <Head className={fromWide}>Template</Head>
        <Head>Last used</Head>
        <Head>
          <span className="sr-only">Actions</span>
        </Head>
      </div>
      <div ref={list} style={{ height: workspaces.length * rowHeight, paddingTop: range.first * rowHeight }}>
        {workspaces.slice(range.first, range.end).map((workspace, index) => (
          <Row
            key={workspace.id}
            workspace={workspace}
            home={computer?.home}
            rowIndex={range.first + index + 2}
            isActive={workspace.id === active?.id}
            onActivate={onActivate}
          />
        ))}
      </div>
    </div>
  )
}

function Head({ className, children }: { className?: string; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see WorkspaceTable
    // biome-ignore lint/a11y/useFocusableInteractive: the row's links have the focus
    <span role="columnheader" className={className}>
      {children}
    </span>
  )
}

function Cell({ className, children }: { className?: string; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see WorkspaceTable
    <span role="cell" className={classNames('min-w-0', className)}>
      {children}
    </span>
  )
}

interface RowProps {
  workspace: Workspace
  home: string | undefined
  rowIndex: number
  isActive: boolean
  onActivate: (id: string) => void
}

const Row = memo(function Row({ workspace, home, rowIndex, isActive, onActivate }: RowProps) {
  const [isHovered, setHovered] = useState(false)
  const state = workspaceState(workspace)
  const folder = folderOf(workspace)
  return (
    // biome-ignore lint/a11y/useSemanticElements: see WorkspaceTable
    <div
      role="row"
      tabIndex={-1}
      aria-rowindex={rowIndex}
      aria-selected={isActive}
      onPointerEnter={() => setHovered(true)}
      onPointerLeave={() => setHovered(false)}
      onFocus={() => onActivate(workspace.id)}
      className={classNames(columns, 'h-11 border-t border-line', isActive ? 'bg-accent-soft' : 'hover:bg-hover/60')}
    >
      <Cell className={classNames(fromMedium, 'items-center gap-2')}>
        <StatusDot tone={state.tone} />
        <span className={classNames(state.since ? 'shrink-0' : 'truncate')}>{state.label}</span>
        {state.since && (
          <span className="-ml-1 truncate text-muted">
            · <Elapsed since={state.since} />
          </span>
        )}
      </Cell>
      <Cell className="flex items-baseline gap-2">
        <StatusDot tone={state.tone} className={classNames('self-center', onlySmall)} />
        <Link
          to="/@{$owner}/$name"
          params={{ owner: workspace.owner_name, name: workspace.name }}
          title={workspace.name}
          className="max-w-full shrink-0 truncate font-semibold hover:underline @max-[560px]:min-w-0 @max-[560px]:shrink"
        >
          {workspace.name}
        </Link>
        {folder && (
          <span className="hidden min-w-0 truncate text-sm text-muted @min-[560px]:inline" title={folder} dir="auto">
            {shortFolder(folder, home)}
          </span>
        )}
      </Cell>
      <Cell className={classNames(fromWide, 'items-center gap-2 text-muted')}>
        <span className="truncate">{workspace.template_display_name || workspace.template_name}</span>
        {workspace.outdated && <Badge variant="attention">update</Badge>}
      </Cell>
      <Cell className="truncate text-muted">
        <Ago at={workspace.last_used_at} />
      </Cell>
      <Cell className="flex items-center justify-end gap-1">
        <RowActions workspace={workspace} isShown={isActive || isHovered} />
      </Cell>
    </div>
  )
})

function RowActions({ workspace, isShown }: { workspace: Workspace; isShown: boolean }) {
  const build = useCreateBuild()
  const params = { owner: workspace.owner_name, name: workspace.name }
  const hasFailed = workspace.latest_build.status === 'failed'
  return (
    <>
      {hasFailed && (
        <ButtonLink to="/@{$owner}/$name" params={params} size="small" className={notSmall}>
          View failure
        </ButtonLink>
      )}
      {isShown && !hasFailed && canOpenTerminal(workspace) && (
        <ButtonLink to="/@{$owner}/$name/terminal" params={params} size="small" className={notSmall}>
          <SquareTerminal className="size-4" aria-hidden /> Terminal
        </ButtonLink>
      )}
      {isShown && !hasFailed && canStart(workspace) && (
        <Tooltip text="Start workspace" keys="S">
          <Button
            size="icon-small"
            className={notSmall}
            aria-label={`Start ${workspace.name}`}
            onClick={() => build.mutate({ workspace, transition: 'start' })}
          >
            <Play className="size-3.5" aria-hidden />
          </Button>
        </Tooltip>
      )}
      {isShown && !hasFailed && canStop(workspace) && !canStart(workspace) && (
        <Tooltip text="Stop workspace" keys="S">
          <Button
            size="icon-small"
            className={notSmall}
            aria-label={`Stop ${workspace.name}`}
            onClick={() => build.mutate({ workspace, transition: 'stop' })}
          >
            <Square className="size-3.5" aria-hidden />
          </Button>
        </Tooltip>
      )}
      {isShown && <WorkspaceMenu workspace={workspace} size="icon-small" />}
    </>
  )
}
