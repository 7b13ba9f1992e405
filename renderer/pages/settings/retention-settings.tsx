// How much terminal output a workspace stores on its disk to restore terminals after a restart.

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { retentionQuery, useChangeRetention } from '../../api/terminal-retention.ts'
import { workspacesQuery } from '../../api/workspaces.ts'
import { describeError } from '../../describe-error.ts'
import { NumberInput, Select } from './inputs.tsx'
import { Row, Section } from './setting.tsx'

export function RetentionSettings() {
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const [selected, setSelected] = useState<string>()
  const workspace = workspaces.find(({ id }) => id === selected) ?? workspaces[0]
  if (!workspace) return null
  return (
    <Section
      title="Stored output"
      note="Each workspace stores screens and scrollback on its own disk, readable only by its user, to restore terminals after a restart."
    >
      <Row label="Workspace">
        {(id) => (
          <Select
            id={id}
            value={workspace.id}
            choices={workspaces.map((each) => ({ value: each.id, label: each.name }))}
            onChange={setSelected}
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
      <Row label="Lines per terminal" description="0 stores neither output nor commands and deletes what is stored.">
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
      <Row label="Delete unused terminals" description="After this many days without a connection.">
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
