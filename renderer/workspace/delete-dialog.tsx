// Confirmation before a workspace is deleted: lists the data that is deleted or kept. The name must be typed only if data
// is lost.

import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Workspace } from '../../api/workspaces/workspaces.ts'
import { versionResourcesQuery } from '../api/templates.ts'
import { useCreateBuild } from '../api/workspaces.ts'
import { Button } from '../components/button.tsx'
import { Dialog } from '../components/dialog.tsx'
import { TextField } from '../components/field.tsx'
import { getDeletionEffects } from './resources.ts'
import { folderOf } from './workspace-state.ts'

interface DeleteDialogProps {
  workspace: Workspace
  open: boolean
  onOpenChange: (open: boolean) => void
  onDeleted?: () => void
}

export function DeleteDialog({ workspace, open, onOpenChange, onDeleted }: DeleteDialogProps) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={`Delete ${workspace.name}?`}>
      <DeleteForm workspace={workspace} onCancel={() => onOpenChange(false)} onDeleted={onDeleted} />
    </Dialog>
  )
}

function DeleteForm({
  workspace,
  onCancel,
  onDeleted,
}: {
  workspace: Workspace
  onCancel: () => void
  onDeleted: (() => void) | undefined
}) {
  const build = useCreateBuild()
  const [typed, setTyped] = useState('')
  const version = useQuery(versionResourcesQuery(workspace.latest_build.template_version_id))
  const { lostData, keepsFiles } = getDeletionEffects(version.data ?? [])
  const isNameNeeded = lostData.length > 0
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    await build.mutateAsync({ workspace, transition: 'delete' }).then(onDeleted, () => undefined)
    onCancel()
  }
  const folder = folderOf(workspace)
  return (
    <form onSubmit={submit}>
      <p className="text-muted">
        Deletes the workspace and ends its terminals and programs.
        {isNameNeeded
          ? ` Its stored data is deleted too: ${lostData.join(', ')}.`
          : keepsFiles && <KeptFilesNotice folder={folder} />}
      </p>
      {isNameNeeded && (
        <div className="mt-4">
          <TextField
            label="Workspace name"
            hint={`type ${workspace.name} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button
          variant="danger"
          type="submit"
          busy={build.isPending}
          disabled={version.isPending || (isNameNeeded && typed !== workspace.name)}
        >
          Delete {workspace.name.length <= 24 ? workspace.name : 'workspace'}
        </Button>
      </div>
    </form>
  )
}

function KeptFilesNotice({ folder }: { folder: string }) {
  return (
    <>
      {' '}
      <span className="font-semibold text-text">Your files are kept</span>
      {folder ? (
        <>
          {' '}
          in <code className="wrap-anywhere text-text">{folder}</code>.
        </>
      ) : (
        '.'
      )}
    </>
  )
}
