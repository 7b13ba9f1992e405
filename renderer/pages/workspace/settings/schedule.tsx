// Autostart, autostop and the deadline of the current start.

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Template } from '../../../../api/templates/templates.ts'
import type { Workspace } from '../../../../api/workspaces/workspaces.ts'
import { templateByIdQuery } from '../../../api/templates.ts'
import { useExtend, useSetAutostart, useSetTtl } from '../../../api/workspace-settings.ts'
import { Button } from '../../../components/button.tsx'
import { Card, Fact, Facts } from '../../../components/card.tsx'
import { classNames } from '../../../components/class-names.ts'
import { Failure } from '../../../components/failure.tsx'
import { Field, inputClass, TextField } from '../../../components/field.tsx'
import { Delayed, Skeleton } from '../../../components/skeleton.tsx'
import { Switch } from '../../../components/switch.tsx'
import { exactTime, isSet } from '../../../components/time.tsx'
import {
  type Autostart,
  allDays,
  browserZone,
  formatAutostart,
  parseAutostart,
  timeZones,
  weekdays,
} from '../../../workspace/autostart.ts'
import { isRunning } from '../../../workspace/workspace-state.ts'
import { useWorkspace } from '../workspace-page.tsx'

export function ScheduleSettings() {
  const workspace = useWorkspace()
  const template = useQuery(templateByIdQuery(workspace.template_id))
  if (template.isError)
    return (
      <Failure title="Could not load the schedule" error={template.error} onRetry={() => void template.refetch()} />
    )
  if (!template.data)
    return (
      <Delayed>
        <Skeleton className="h-64 rounded-card" />
      </Delayed>
    )
  return (
    <>
      <DeadlineCard workspace={workspace} />
      <AutostartCard key={workspace.autostart_schedule ?? ''} workspace={workspace} template={template.data} />
      <AutostopCard key={workspace.ttl_ms ?? 0} workspace={workspace} template={template.data} />
    </>
  )
}

const hourMs = 3_600_000

function DeadlineCard({ workspace }: { workspace: Workspace }) {
  const extend = useExtend()
  const { deadline, max_deadline: maxDeadline } = workspace.latest_build
  if (!isRunning(workspace) || !isSet(deadline)) return null
  const limit = isSet(maxDeadline) ? Date.parse(maxDeadline) : Number.POSITIVE_INFINITY
  const later = Math.min(limit, Date.parse(deadline) + hourMs)
  return (
    <Card title="This start">
      <Facts>
        <Fact name="Stops">{exactTime(Date.parse(deadline))}</Fact>
        {isSet(maxDeadline) && <Fact name="At the latest">{exactTime(Date.parse(maxDeadline))}</Fact>}
      </Facts>
      <Button
        className="mt-4"
        busy={extend.isPending}
        disabled={later <= Date.parse(deadline)}
        onClick={() => extend.mutate({ workspace, value: new Date(later) })}
      >
        Extend by 1 hour
      </Button>
    </Card>
  )
}

const startOfWork = (): Autostart => ({ zone: browserZone(), time: '09:00', days: weekdays })

function AutostartCard({ workspace, template }: { workspace: Workspace; template: Template }) {
  const setAutostart = useSetAutostart()
  const stored = workspace.autostart_schedule ?? ''
  const parsed = parseAutostart(stored)
  const [draft, setDraft] = useState<Autostart | undefined>(parsed)
  const isAllowed = template.allow_user_autostart
  const isOn = stored !== '' || draft !== undefined
  const turn = (on: boolean) => {
    if (on) return setDraft(startOfWork())
    setDraft(undefined)
    if (stored !== '') setAutostart.mutate({ workspace, value: '' })
  }
  const isChanged = draft !== undefined && formatAutostart(draft) !== (parsed ? formatAutostart(parsed) : stored)
  return (
    <Card title="Autostart">
      <Switch label="Start automatically" isOn={isOn} disabled={!isAllowed && stored === ''} onChange={turn} />
      {!isAllowed && <p className="text-sm text-muted">The template does not permit autostart.</p>}
      {isOn && !draft && (
        <div className="mt-3 text-sm">
          <p>
            The schedule <code className="text-xs">{stored}</code> was set with the command line.
          </p>
          <Button className="mt-3" onClick={() => setDraft(startOfWork())}>
            Replace schedule
          </Button>
        </div>
      )}
      {draft && (
        <form
          className="mt-4 flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (draft.days.length > 0) setAutostart.mutate({ workspace, value: formatAutostart(draft) })
          }}
        >
          <DayPicker days={draft.days} onChange={(days) => setDraft({ ...draft, days })} />
          <div className="grid gap-4 sm:grid-cols-[140px_1fr]">
            <TextField
              label="Time"
              type="time"
              required
              value={draft.time}
              onChange={(event) => setDraft({ ...draft, time: event.target.value })}
            />
            <Field label="Time zone">
              {(control) => (
                <select
                  {...control}
                  className={inputClass()}
                  value={draft.zone}
                  onChange={(event) => setDraft({ ...draft, zone: event.target.value })}
                >
                  {timeZones(draft.zone).map((zone) => (
                    <option key={zone}>{zone}</option>
                  ))}
                </select>
              )}
            </Field>
          </div>
          {workspace.next_start_at && !isChanged && (
            <p className="text-sm text-muted">Next start: {exactTime(Date.parse(workspace.next_start_at))}</p>
          )}
          <Button
            type="submit"
            className="self-start"
            busy={setAutostart.isPending}
            disabled={!isChanged || draft.days.length === 0}
          >
            Save autostart
          </Button>
        </form>
      )}
    </Card>
  )
}

// 4 January 2026 is a Sunday.
const dayName = (day: number, weekday: 'short' | 'long') =>
  new Intl.DateTimeFormat(undefined, { weekday, timeZone: 'UTC' }).format(Date.UTC(2026, 0, 4 + day))

function DayPicker({ days, onChange }: { days: readonly number[]; onChange: (days: number[]) => void }) {
  const toggle = (day: number) =>
    onChange(allDays.filter((other) => (other === day ? !days.includes(day) : days.includes(other))))
  return (
    <fieldset>
      <legend className="mb-1.5 font-semibold">Days</legend>
      <div className="flex flex-wrap gap-1.5">
        {[1, 2, 3, 4, 5, 6, 0].map((day) => (
          <button
            key={day}
            type="button"
            aria-pressed={days.includes(day)}
            title={dayName(day, 'long')}
            onClick={() => toggle(day)}
            className={classNames(
              'h-8 w-13 rounded-control border text-sm transition-colors',
              days.includes(day)
                ? 'border-accent bg-accent-soft font-semibold text-accent-text'
                : 'border-line-control hover:bg-hover',
            )}
          >
            {dayName(day, 'short')}
          </button>
        ))}
      </div>
      {days.length === 0 && <p className="mt-1.5 text-sm text-failed-text">Choose at least one day.</p>}
    </fieldset>
  )
}

const defaultTtlMs = 8 * hourMs
const maxHours = 30 * 24

function AutostopCard({ workspace, template }: { workspace: Workspace; template: Template }) {
  const setTtl = useSetTtl()
  const stored = workspace.ttl_ms ?? 0
  const [hours, setHours] = useState(stored > 0 ? String(stored / hourMs) : '')
  const isAllowed = template.allow_user_autostop
  const isOn = hours !== '' || stored > 0
  const ttl = Math.round(Number(hours) * hourMs)
  const problem =
    Number.isFinite(ttl) && ttl >= 60_000 && Number(hours) <= maxHours
      ? undefined
      : `Enter a number of hours up to ${maxHours}.`
  const turn = (on: boolean) => {
    if (on) return setHours(String((template.default_ttl_ms || defaultTtlMs) / hourMs))
    setHours('')
    if (stored > 0) setTtl.mutate({ workspace, value: null })
  }
  return (
    <Card title="Autostop">
      <Switch label="Stop automatically" isOn={isOn} disabled={!isAllowed} onChange={turn} />
      <p className="text-sm text-muted">
        {isAllowed
          ? 'Stops the workspace some time after its start, later if it is in use.'
          : 'The template sets the autostop of its workspaces.'}
      </p>
      {isOn && isAllowed && (
        <form
          className="mt-4 flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (!problem) setTtl.mutate({ workspace, value: ttl })
          }}
        >
          <TextField
            label="Hours after the start"
            inputMode="decimal"
            className="max-w-32"
            value={hours}
            problem={hours === '' ? undefined : problem}
            description="A running workspace keeps its current deadline; the change applies from the next start."
            onChange={(event) => setHours(event.target.value)}
          />
          <Button
            type="submit"
            className="self-start"
            busy={setTtl.isPending}
            disabled={problem !== undefined || ttl === stored}
          >
            Save autostop
          </Button>
        </form>
      )}
    </Card>
  )
}
