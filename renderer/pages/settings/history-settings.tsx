// How long commands stay in the history, and forgetting them.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { useState } from 'react'
import { counted } from '../../../lib/counted.ts'
import { forgetAllCommands } from '../../api/commands.ts'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { notify, notifyFailure } from '../../notices.ts'
import { openDialog } from '../../terminal/deck/state/deck-state.ts'
import { NumberInput } from './inputs.tsx'
import { type Preferences, Row, Section, Setting } from './setting.tsx'

export function HistorySettings({ preferences }: Preferences) {
  const [isAsking, setAsking] = useState(false)
  const cache = useQueryClient()
  const forget = useMutation({
    mutationFn: () => forgetAllCommands(),
    onSuccess({ deleted }) {
      void cache.invalidateQueries({ queryKey: ['commands'] })
      notify(`${counted(deleted, 'command')} forgotten`)
    },
    onError: (error) => notifyFailure('The history could not be forgotten', error),
  })
  return (
    <Section title="History of commands">
      <Setting
        preferences={preferences}
        name="history_days"
        label="Keep commands for"
        description="What shells with shell integration notify, to be found again across workspaces. Only you see it; a command that begins with a space is never in it. 0: record none."
      >
        {(value, change, id) => <NumberInput id={id} value={value} min={0} max={3650} unit="days" onChange={change} />}
      </Setting>
      <Row label="What is in it">
        <span className="flex gap-2">
          <Button onClick={() => openDialog.set({ kind: 'history' })}>
            <History className="size-4" aria-hidden /> Search…
          </Button>
          <Button onClick={() => setAsking(true)}>Forget all…</Button>
        </span>
      </Row>
      <Dialog
        open={isAsking}
        onOpenChange={setAsking}
        title="Forget all commands"
        description="The history of all workspaces is deleted. What shells keep in files of their own stays."
      >
        <div className="flex justify-end gap-2">
          <Button onClick={() => setAsking(false)}>Cancel</Button>
          <Button
            look="danger"
            onClick={() => {
              setAsking(false)
              forget.mutate()
            }}
          >
            Forget all
          </Button>
        </div>
      </Dialog>
    </Section>
  )
}
