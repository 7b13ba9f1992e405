// Shows every component in all its states, for review and screenshots. Development only: routes.tsx excludes it from
// production builds.

import { Plus, SquareTerminal } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { ApiError } from '../../../api/errors.ts'
import type { Connection } from '../../api/events.ts'
import type { Log } from '../../api/log-stream.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Card, Fact, Facts } from '../../components/card.tsx'
import { MultipleChoiceList, SingleChoiceList } from '../../components/choice-list.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Failure } from '../../components/failure.tsx'
import { TextField } from '../../components/field.tsx'
import { Kbd } from '../../components/kbd.tsx'
import { Menu, MenuItem, MenuSeparator } from '../../components/menu.tsx'
import { Segmented } from '../../components/segmented.tsx'
import { Skeleton } from '../../components/skeleton.tsx'
import { Slider } from '../../components/slider.tsx'
import { StatusDot, type Tone } from '../../components/status-dot.tsx'
import { Switch } from '../../components/switch.tsx'
import { TagInput } from '../../components/tag-input.tsx'
import { Tooltip } from '../../components/tooltip.tsx'
import { notify, notifyFailure } from '../../notices.ts'
import { ConnectionState } from '../../shell/connection-indicator.tsx'
import { Page } from '../../shell/page.tsx'
import type { TerminalState } from '../../terminal/connection/terminal-connection.ts'
import { TerminalBadge } from '../../terminal/pane/terminal-badge.tsx'
import type { Step } from '../../workspace/build-timeline.ts'
import { CodeExcerpt } from '../../workspace/diagnostics/code-excerpt.tsx'
import { LogView } from '../../workspace/log-view.tsx'
import { Timeline } from '../../workspace/timeline.tsx'

const tones: Record<Tone, string> = {
  running: 'Running',
  changing: 'Starting',
  attention: 'Unhealthy',
  failed: 'Failed',
  stopped: 'Stopped',
}

const now = Date.now()

const terminalStates: TerminalState[] = [
  { kind: 'connecting' },
  { kind: 'live', behindMs: 0 },
  { kind: 'live', behindMs: 1200 },
  { kind: 'reconnecting', since: now - 4000, retryAt: now, reason: '' },
  { kind: 'exited', code: 0, signal: 0 },
  { kind: 'exited', code: 130, signal: 2 },
]

const connections: Connection[] = [
  { kind: 'connecting' },
  { kind: 'live' },
  { kind: 'lost', since: now - 4000, retryAt: now },
  { kind: 'lost', since: now - 60_000, retryAt: now },
  { kind: 'database', state: 'recovering', message: 'PostgreSQL is replaying its write-ahead log after a crash.' },
]

const steps: Step[] = [
  { name: 'Queue', isAddress: false, startMs: 0, endMs: 20, failed: false },
  { name: 'Plan', isAddress: false, startMs: 20, endMs: 80, failed: false },
  { name: 'host_process.agent', isAddress: true, startMs: 80, endMs: 300, failed: false },
  { name: 'main · startup script', isAddress: true, startMs: 300, endMs: 420, failed: true },
]

const line = (id: number, level: Log['lines'][number]['level'], output: string) => ({
  id,
  level,
  output,
  stage: '',
  created_at: new Date(now).toISOString(),
})

const log: Log = {
  state: 'interrupted',
  lines: [
    line(1, 'debug', 'dotfiles: 14 files linked'),
    line(2, 'info', 'tools: node 24 found'),
    line(3, 'warn', 'tools: pnpm not found, installing'),
    line(4, 'error', `deps: ${'a very long line that wraps '.repeat(8)}`),
  ],
}

const described = [
  { value: 'go', label: 'Container', description: 'Starts in a second and shares the kernel' },
  { value: 'git', label: 'Machine', description: 'Starts in a minute with its own kernel' },
]

export function ComponentsPage() {
  const [choice, setChoice] = useState('go')
  const [isOpen, setOpen] = useState(false)
  const [isOn, setOn] = useState(true)
  const [memory, setMemory] = useState('4')
  const [tools, setTools] = useState<readonly string[]>(['git'])
  return (
    <Page title="Components">
      <div className="flex flex-col gap-8 px-6 pt-6 pb-16">
        <Group title="Button">
          <Button variant="primary">Primary</Button>
          <Button variant="primary">
            With a key <Kbd onAccent>O</Kbd>
          </Button>
          <Button>
            <Plus className="size-4" aria-hidden /> Plain
          </Button>
          <Button variant="quiet">Quiet</Button>
          <Button variant="danger">Danger</Button>
          <Button disabled>Disabled</Button>
          <Button size="small">Small</Button>
          <Tooltip text="Terminal" keys="T">
            <Button size="icon" aria-label="Terminal">
              <SquareTerminal className="size-4" aria-hidden />
            </Button>
          </Tooltip>
        </Group>
        <Group title="State">
          {Object.entries(tones).map(([tone, label]) => (
            <span key={tone} className="flex items-center gap-2">
              <StatusDot tone={tone as Tone} /> {label}
            </span>
          ))}
        </Group>
        <Group title="Badge">
          <Badge>neutral</Badge>
          <Badge variant="accent">accent</Badge>
          <Badge variant="attention">update</Badge>
          <Badge variant="failed">ended 1</Badge>
          {terminalStates.map((state) => (
            <TerminalBadge key={JSON.stringify(state)} state={state} />
          ))}
          <TerminalBadge state={{ kind: 'live', behindMs: 0 }} restoredFrom={new Date(now).toISOString()} />
        </Group>
        <Group title="Connection">
          {connections.map((connection) => (
            <ConnectionState key={JSON.stringify(connection)} connection={connection} onRetry={() => undefined} />
          ))}
        </Group>
        <Group title="Field">
          <div className="w-72">
            <TextField label="Name" hint="suggested" defaultValue="quiet-lark" />
          </div>
          <div className="w-72">
            <TextField
              label="Folder"
              mono
              defaultValue="shop"
              problem="Enter the absolute path, starting with / or ~."
            />
          </div>
          <div className="w-72">
            <TextField
              label="Email"
              disabled
              defaultValue="dev@localhost"
              description="Managed by the administrator."
            />
          </div>
          <Segmented
            label="Language"
            value={choice}
            onChange={setChoice}
            choices={[
              { value: 'node', label: 'Node' },
              { value: 'go', label: 'Go' },
              { value: 'rust', label: 'Rust' },
            ]}
          />
        </Group>
        <Group title="Choices">
          <div className="w-72">
            <SingleChoiceList label="Where" value={choice} onChange={setChoice} choices={described} />
          </div>
          <div className="w-72">
            <MultipleChoiceList label="Tools" values={tools} onChange={setTools} choices={described} />
          </div>
          <div className="w-72">
            <TagInput values={tools} onChange={setTools} />
          </div>
          <div className="w-72">
            <Slider label="Memory" min={1} max={16} value={memory} onChange={setMemory} />
          </div>
          <Switch label="Use a swap file" isOn={isOn} onChange={setOn} />
          <Switch label="Set by the template" isOn={isOn} disabled onChange={setOn} />
        </Group>
        <Group title="Overlays">
          <Button onClick={() => setOpen(true)}>Dialog</Button>
          <Menu trigger={<Button>Menu</Button>}>
            <MenuItem keys="S" onSelect={() => undefined}>
              Start workspace
            </MenuItem>
            <MenuItem disabled onSelect={() => undefined}>
              Stop workspace
            </MenuItem>
            <MenuSeparator />
            <MenuItem danger onSelect={() => undefined}>
              Delete workspace…
            </MenuItem>
          </Menu>
          <Button onClick={() => notify('Details copied')}>Notice</Button>
          <Button
            onClick={() =>
              notifyFailure(
                'Could not start brave-otter',
                new ApiError(409, 'A build is already active.', { detail: 'Cancel it first.' }),
              )
            }
          >
            Failed notice
          </Button>
          <Dialog open={isOpen} onOpenChange={setOpen} title="Delete brave-otter?" description="Your files are kept.">
            <Button onClick={() => setOpen(false)}>Cancel</Button>
          </Dialog>
        </Group>
        <div className="grid gap-4 lg:grid-cols-2">
          <Card title="Card" note="with a note" aside="0.9 s">
            <Facts>
              <Fact name="State">Ready</Fact>
              <Fact name="Folder">
                <code className="text-xs wrap-anywhere">/home/dev/{'deeply/nested/'.repeat(6)}project</code>
              </Fact>
            </Facts>
          </Card>
          <Card title="Build 12 · start">
            <Timeline steps={steps} />
          </Card>
          <LogView title="Log" note="main" log={log} emptyText="" fileName="log" className="h-56" />
          <div className="overflow-hidden rounded-card border border-failed">
            <CodeExcerpt
              position="main.tf:48:27"
              lines={[{ line: 48, text: '  limits = { cpu = "2", memmory = "4Gi" }', markStart: 24, markEnd: 31 }]}
            />
          </div>
          <EmptyState
            icon={<SquareTerminal className="size-7" aria-hidden />}
            title="No open terminals"
            action={<Button>New workspace</Button>}
          >
            Terminals keep running when you close this page.
          </EmptyState>
          <Skeleton className="h-40" />
        </div>
        <Failure
          title="Could not load workspaces"
          error={new ApiError(500, 'The database is not responding.', { detail: 'It is recovering after a crash.' })}
          onRetry={() => undefined}
        />
      </div>
    </Page>
  )
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="mb-3 text-sm font-medium text-muted">{title}</h2>
      <div className="flex flex-wrap items-start gap-4">{children}</div>
    </section>
  )
}
