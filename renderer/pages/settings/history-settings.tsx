// Retention of the command history, and its deletion.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { useState } from 'react'
import { counted } from '../../../lib/counted.ts'
import { deleteAllCommands } from '../../api/terminal-commands.ts'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { notify, notifyFailure } from '../../notices.ts'
import { currentDialog } from '../../terminal/deck/state/deck-state.ts'
import { NumberInput } from './inputs.tsx'
import { type Preferences, Row, Section, Setting } from './setting.tsx'

export function HistorySettings({ preferences }: Preferences) {
  const [isConfirming, setConfirming] = useState(false)
  const cache = useQueryClient()
  const clear = useMutation({
    mutationFn: () => deleteAllCommands(),
    onSuccess({ deleted }) {
      void cache.invalidateQueries({ queryKey: ['commands'] })
      notify(`Deleted ${counted(deleted, 'command')}`)
    },
    onError: (error) => notifyFailure('Could not delete the command history', error),
  })
  return (
    <Section title="Command history">
      <Setting
        preferences={preferences}
        name="history_days"
        label="Keep commands for"
        description="Commands of all workspaces, recorded with shell integration. Only you can see them. Commands that start with a space are not recorded. 0 disables the history."
      >
        {(value, change, id) => <NumberInput id={id} value={value} min={0} max={3650} unit="days" onChange={change} />}
      </Setting>
      <Row label="Recorded commands">
        <span className="flex gap-2">
          <Button onClick={() => currentDialog.set({ kind: 'history' })}>
            <History className="size-4" aria-hidden /> Search history…
          </Button>
          <Button onClick={() => setConfirming(true)}>Delete history…</Button>
        </span>
      </Row>
      <Dialog
        open={isConfirming}
        onOpenChange={setConfirming}
        title="Delete command history"
        description="Deletes the recorded commands of all workspaces. History files of the shells are not affected."
      >
        <div className="flex justify-end gap-2">
          <Button onClick={() => setConfirming(false)}>Cancel</Button>
          <Button
            variant="danger"
            onClick={() => {
              setConfirming(false)
              clear.mutate()
            }}
          >
            Delete history
          </Button>
        </div>
      </Dialog>
    </Section>
  )
}
