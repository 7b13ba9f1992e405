// The command palette: pages, workspaces, terminals and actions, with their shortcuts.

import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command, useCommandState } from 'cmdk'
import {
  BookMarked,
  Columns2,
  Contrast,
  FileVideo,
  FolderOpen,
  Keyboard,
  LayoutGrid,
  Play,
  Plus,
  Search,
  Settings,
  Shapes,
  Square,
  SquareTerminal,
} from 'lucide-react'
import { Dialog } from 'radix-ui'
import type { ReactNode } from 'react'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { layoutsQuery } from '../api/terminal-layouts.ts'
import { useCreateBuild, workspacesQuery } from '../api/workspaces.ts'
import { floatClass, scrimClass, useFocusReturn } from '../components/dialog.tsx'
import { Kbd } from '../components/kbd.tsx'
import { StatusDot } from '../components/status-dot.tsx'
import { isPaletteOpen } from '../palette-state.ts'
import {
  createPaneFor,
  runInActivePane,
  splitActive,
  useDeckActions,
  useShowSession,
} from '../terminal/deck/actions/deck-actions.ts'
import { getDeckLocation } from '../terminal/deck/state/deck-location.tsx'
import { useSessionTitles } from '../terminal/deck/state/use-session-titles.ts'
import { actionNames, type TerminalAction, terminalActions } from '../terminal/keys/terminal-actions.ts'
import { shortcutOf } from '../terminal/keys/terminal-keys.ts'
import { openLayout } from '../terminal/layout/named-layouts.ts'
import { useOpenTerminals } from '../terminal/open-terminals.ts'
import { chooseTheme, useTheme } from '../theme/theme.ts'
import { useFolderDialog } from '../workspace/folder-dialog.tsx'
import { useNewWorkspace } from '../workspace/new-workspace.ts'
import { useGoToTerminal } from '../workspace/open-folder.ts'
import {
  canOpenTerminal,
  canStart,
  canStop,
  listTerminalTargets,
  workspaceState,
} from '../workspace/workspace-state.ts'

const icon = 'size-4 shrink-0 text-muted'

export default function Palette({ onShowKeys }: { onShowKeys: () => void }) {
  const focusReturn = useFocusReturn()
  return (
    <Dialog.Root open onOpenChange={isPaletteOpen.set}>
      <Dialog.Portal>
        <Dialog.Overlay className={scrimClass} />
        <Dialog.Content
          {...focusReturn}
          aria-describedby={undefined}
          className={`${floatClass} fixed top-[12vh] left-1/2 z-50 w-[min(640px,calc(100vw-24px))] -translate-x-1/2 overflow-hidden outline-none`}
        >
          <Dialog.Title className="sr-only">Search or run a command</Dialog.Title>
          <Command loop label="Search or run a command">
            <div className="flex h-12 items-center gap-3 border-b border-line px-4">
              <Search className={icon} aria-hidden />
              <Command.Input
                placeholder="Search or run a command"
                className="h-full flex-1 bg-transparent text-lg outline-none"
              />
            </div>
            <Command.List className="max-h-[min(420px,60vh)] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-8 text-center text-muted">No results</Command.Empty>
              <PageEntries />
              <WorkspaceEntries />
              <TerminalEntries />
              <ActionEntries onShowKeys={onShowKeys} />
            </Command.List>
            <footer className="flex gap-4 border-t border-line px-4 py-2.5 text-xs text-muted">
              <span className="flex items-center gap-1.5">
                <Kbd>↑↓</Kbd> select
              </span>
              <span className="flex items-center gap-1.5">
                <Kbd>↵</Kbd> run
              </span>
              <span className="flex items-center gap-1.5">
                <Kbd>Esc</Kbd> close
              </span>
            </footer>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2.5 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-[11px] [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:tracking-wide [&_[cmdk-group-heading]]:text-muted [&_[cmdk-group-heading]]:uppercase"
    >
      {children}
    </Command.Group>
  )
}

interface EntryProps {
  icon: ReactNode
  label: string
  note?: string
  keys?: string | undefined
  /** Distinguishes entries with the same text. */
  id?: string
  onRun: () => void
}

function Entry({ icon, label, note, keys, id, onRun }: EntryProps) {
  const run = () => {
    isPaletteOpen.set(false)
    onRun()
  }
  return (
    <Command.Item
      value={`${label} ${note ?? ''} ${id ?? ''}`}
      onSelect={run}
      className="flex h-9 items-center gap-3 rounded-control px-2.5 data-[selected=true]:bg-accent-soft"
    >
      {icon}
      <span className="truncate font-medium">{label}</span>
      {note && <span className="min-w-0 truncate text-sm text-muted">{note}</span>}
      {keys && (
        <span className="ml-auto flex gap-1">
          {keys.split(' ').map((key) => (
            <Kbd key={key}>{key}</Kbd>
          ))}
        </span>
      )}
    </Command.Item>
  )
}

function PageEntries() {
  const navigate = useNavigate()
  return (
    <Group heading="Pages">
      <Entry
        icon={<LayoutGrid className={icon} />}
        label="Workspaces"
        keys="G W"
        onRun={() => navigate({ to: '/workspaces' })}
      />
      <Entry
        icon={<SquareTerminal className={icon} />}
        label="Terminals"
        keys="G T"
        onRun={() => navigate({ to: '/terminals' })}
      />
      <Entry
        icon={<Shapes className={icon} />}
        label="Templates"
        keys="G E"
        onRun={() => navigate({ to: '/templates' })}
      />
      <Entry
        icon={<Settings className={icon} />}
        label="Terminal settings"
        onRun={() => navigate({ to: '/settings/terminals' })}
      />
    </Group>
  )
}

// Each workspace has up to four entries, and the palette ranks all entries at each key.
const maxWorkspaces = 30

/** Workspaces with one of the typed words in their name, longest word first; without a match, the first of the list. */
function findWorkspaces(workspaces: readonly Workspace[], search: string): Workspace[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const found = (word: string) => workspaces.filter(({ name }) => name.toLowerCase().includes(word))
  const matches = words.sort((a, b) => b.length - a.length).flatMap(found)
  return [...new Set(matches.length > 0 ? matches : workspaces)].slice(0, maxWorkspaces)
}

function WorkspaceEntries() {
  const { data = [] } = useQuery(workspacesQuery)
  const search = useCommandState((state) => state.search)
  const workspaces = findWorkspaces(data, search)
  const navigate = useNavigate()
  const goToTerminal = useGoToTerminal()
  const build = useCreateBuild()
  if (workspaces.length === 0) return null
  return (
    <Group heading="Workspaces">
      {workspaces.flatMap((workspace) => {
        const { id, name, owner_name: owner, template_display_name: template } = workspace
        const { tone, label } = workspaceState(workspace)
        return [
          <Entry
            key={`${id} open`}
            id={id}
            icon={<StatusDot tone={tone} className="size-4" />}
            label={name}
            note={`${label} · ${template || workspace.template_name}`}
            onRun={() => navigate({ to: '/@{$owner}/$name', params: { owner, name } })}
          />,
          canOpenTerminal(workspace) && (
            <Entry
              key={`${id} terminal`}
              id={id}
              icon={<SquareTerminal className={icon} />}
              label={`Open terminal: ${name}`}
              onRun={() => void goToTerminal(workspace)}
            />
          ),
          canStart(workspace) && (
            <Entry
              key={`${id} start`}
              id={id}
              icon={<Play className={icon} />}
              label={`Start ${name}`}
              onRun={() => build.mutate({ workspace, transition: 'start' })}
            />
          ),
          canStop(workspace) && (
            <Entry
              key={`${id} stop`}
              id={id}
              icon={<Square className={icon} />}
              label={`Stop ${name}`}
              onRun={() => build.mutate({ workspace, transition: 'stop' })}
            />
          ),
        ]
      })}
    </Group>
  )
}

// Actions that need no visible pane.
const globalActions: readonly TerminalAction[] = ['drawer', 'switcher', 'history']

function TerminalEntries() {
  const { terminals } = useOpenTerminals()
  const show = useShowSession()
  const act = useDeckActions()
  const navigate = useNavigate()
  const { data: layouts } = useQuery(layoutsQuery)
  const titles = useSessionTitles()
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  return (
    <Group heading="Terminals">
      {terminals.map((terminal) => (
        <Entry
          key={terminal.session.id}
          id={terminal.session.id}
          icon={<SquareTerminal className={icon} />}
          label={`Go to terminal: ${terminal.name} · ${titles.long(terminal.session.id)}`}
          onRun={() => show(terminal)}
        />
      ))}
      {(getDeckLocation() ? actionNames : globalActions)
        .filter((action) => action !== 'palette')
        .map((action) => (
          <Entry
            key={action}
            icon={<SquareTerminal className={icon} />}
            label={terminalActions[action].label}
            note="terminal"
            keys={shortcutOf(action)}
            onRun={() => act(action) || runInActivePane(action)}
          />
        ))}
      {getDeckLocation() &&
        listTerminalTargets(workspaces).map((target) => (
          <Entry
            key={target.agent.id}
            id={`beside ${target.agent.id}`}
            icon={<Columns2 className={icon} />}
            label={`Split right: ${target.name}`}
            note="terminal"
            onRun={() => splitActive('right', createPaneFor(target))}
          />
        ))}
      {layouts?.named.map((named) => (
        <Entry
          key={named.id}
          id={named.id}
          icon={<BookMarked className={icon} />}
          label={`Open layout: ${named.name}`}
          onRun={() => {
            openLayout(named)
            if (!getDeckLocation()) void navigate({ to: '/terminals' })
          }}
        />
      ))}
    </Group>
  )
}

function ActionEntries({ onShowKeys }: { onShowKeys: () => void }) {
  const navigate = useNavigate()
  const newWorkspace = useNewWorkspace()
  const openFolder = useFolderDialog()
  const theme = useTheme()
  return (
    <Group heading="Actions">
      <Entry icon={<Plus className={icon} />} label="New workspace" keys="N" onRun={newWorkspace} />
      <Entry icon={<FolderOpen className={icon} />} label="Open folder…" keys="O" onRun={openFolder} />
      <Entry
        icon={<FileVideo className={icon} />}
        label="Play terminal recording…"
        onRun={() => void navigate({ to: '/terminals/replay' })}
      />
      {theme !== 'dark' && (
        <Entry icon={<Contrast className={icon} />} label="Use dark theme" onRun={() => chooseTheme('dark')} />
      )}
      {theme !== 'light' && (
        <Entry icon={<Contrast className={icon} />} label="Use light theme" onRun={() => chooseTheme('light')} />
      )}
      {theme !== 'system' && (
        <Entry icon={<Contrast className={icon} />} label="Use system theme" onRun={() => chooseTheme('system')} />
      )}
      <Entry icon={<Keyboard className={icon} />} label="Show keyboard shortcuts" keys="?" onRun={onShowKeys} />
    </Group>
  )
}
