// What each workspace keeps of its terminals on its own disk, to show them again after a restart.

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { retentionQuery, useChangeRetention } from '../../api/retention.ts'
import { workspacesQuery } from '../../api/workspaces.ts'
import { describeError } from '../../describe-error.ts'
import { NumberInput, Select } from './inputs.tsx'
import { Row, Section } from './setting.tsx'

export function RetentionSettings() {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const [chosen, setChosen] = useState<string>()
  const workspace = workspaces.find(({ id }) => id === chosen) ?? workspaces[0]
  if (!workspace) return null
  return (
    <Section
      title="What workspaces keep"
      note="Screens and scrollback on the workspace’s own disk, readable by its user only: after a restart of the computer a terminal comes back with what was on it."
    >
      <Row label="Workspace">
        {(id) => (
          <Select
            id={id}
            value={workspace.id}
            choices={workspaces.map((each) => ({ value: each.id, label: each.name }))}
            onChange={setChosen}
          />
        )}
      </Row>
      <WorkspaceRetention key={workspace.id} id={workspace.id} />
    </Section>
  )
}

function WorkspaceRetention({ id: workspaceId }: { id: string }) {
  const retention = useQuery(retentionQuery(workspaceId))
  const { mutate } = useChangeRetention(workspaceId)
  const { data } = retention
  if (retention.isError)
    return <p className="py-3 text-sm text-failed-text">{describeError(retention.error).message}</p>
  if (!data) return null
  return (
    <>
      <Row
        label="Lines kept of each terminal"
        description="0: nothing, no commands in the history either, and what is there is deleted."
      >
        {(id) => (
          <NumberInput
            id={id}
            value={data.kept_lines}
            min={0}
            max={1_000_000}
            step={1000}
            unit="lines"
            onChange={(lines) => mutate({ ...data, kept_lines: lines })}
          />
        )}
      </Row>
      <Row label="Forget terminals nobody came back to" description="After this many days.">
        {(id) => (
          <NumberInput
            id={id}
            value={data.kept_days}
            min={1}
            max={3650}
            unit="days"
            onChange={(days) => mutate({ ...data, kept_days: days })}
          />
        )}
      </Row>
    </>
  )
}
