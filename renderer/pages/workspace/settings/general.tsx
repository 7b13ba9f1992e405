// General settings of a workspace: name, automatic updates, favorite, dormancy and deletion.

import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../../../../api/errors.ts'
import type { Workspace } from '../../../../api/workspaces/workspaces.ts'
import {
  useRenameWorkspace,
  useSetAutomaticUpdates,
  useSetDormant,
  useSetFavorite,
} from '../../../api/workspace-settings.ts'
import { workspacesQuery } from '../../../api/workspaces.ts'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { TextField } from '../../../components/field.tsx'
import { Switch } from '../../../components/switch.tsx'
import { describeError } from '../../../describe-error.ts'
import { notify } from '../../../notices.ts'
import { DeleteDialog } from '../../../workspace/delete-dialog.tsx'
import { validateName } from '../../../workspace/names.ts'
import { isBuilding, isRunning } from '../../../workspace/workspace-state.ts'
import { useWorkspace } from '../workspace-page.tsx'

export function GeneralSettings() {
  const workspace = useWorkspace()
  return (
    <>
      <NameCard key={workspace.name} workspace={workspace} />
      <BehaviorCard workspace={workspace} />
      <DormancyCard workspace={workspace} />
      <DeletionCard workspace={workspace} />
    </>
  )
}

function NameCard({ workspace }: { workspace: Workspace }) {
  const [name, setName] = useState(workspace.name)
  const { data: workspaces = [] } = useQuery(workspacesQuery)
  const rename = useRenameWorkspace()
  const taken = new Set(
    workspaces.filter(({ id, owner_id }) => id !== workspace.id && owner_id === workspace.owner_id).map(lowerName),
  )
  const isChanged = name !== workspace.name
  const problem = isChanged ? validateName(name, taken) : undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isChanged || problem || rename.isPending) return
    rename.mutate(
      { workspace, name },
      {
        onSuccess: () => notify(`${workspace.name} is now called ${name}`),
      },
    )
  }
  return (
    <Card title="Name">
      <form onSubmit={submit} noValidate>
        <TextField
          label="Workspace name"
          value={name}
          disabled={!workspace.allow_renames}
          problem={problem ?? errorOf(rename.error)}
          description={
            workspace.allow_renames
              ? 'Its address and its SSH host name change too. Files and running programs are not affected.'
              : 'Renaming is turned off for this deployment.'
          }
          onChange={(event) => {
            rename.reset()
            setName(event.target.value)
          }}
        />
        <Button type="submit" className="mt-4" busy={rename.isPending} disabled={!isChanged || problem !== undefined}>
          Rename workspace
        </Button>
      </form>
    </Card>
  )
}

const lowerName = ({ name }: Workspace): string => name.toLowerCase()

function errorOf(error: unknown): string | undefined {
  if (!error) return undefined
  const { message, detail } = describeError(error)
  return error instanceof ApiError && error.validations.length > 0 ? detail : `${message} ${detail}`.trim()
}

function BehaviorCard({ workspace }: { workspace: Workspace }) {
  const setUpdates = useSetAutomaticUpdates()
  const setFavorite = useSetFavorite()
  const isRequired = workspace.template_require_active_version
  return (
    <Card title="Behavior">
      <div className="flex flex-col gap-3">
        <div>
          <Switch
            label="Update automatically"
            isOn={isRequired || workspace.automatic_updates === 'always'}
            disabled={isRequired}
            onChange={(isOn) => setUpdates.mutate({ workspace, value: isOn ? 'always' : 'never' })}
          />
          <p className="text-sm text-muted">
            {isRequired
              ? 'The template requires its active version for every start.'
              : 'Each start uses the active version of the template.'}
          </p>
        </div>
        <div>
          <Switch
            label="Favorite"
            isOn={workspace.favorite}
            onChange={(value) => setFavorite.mutate({ workspace, value })}
          />
          <p className="text-sm text-muted">Favorites are listed first.</p>
        </div>
      </div>
    </Card>
  )
}

function DormancyCard({ workspace }: { workspace: Workspace }) {
  const setDormant = useSetDormant()
  const isDormant = workspace.dormant_at !== null
  return (
    <Card title="Dormancy">
      <p className="mb-4 text-sm text-muted">
        {isDormant
          ? 'The workspace is dormant: it cannot be started until it is activated.'
          : 'A dormant workspace is stopped and cannot be started until it is activated. Its stored data is kept.'}
      </p>
      <Button
        busy={setDormant.isPending}
        disabled={!isDormant && (isRunning(workspace) || isBuilding(workspace))}
        onClick={() => setDormant.mutate({ workspace, value: !isDormant })}
      >
        {isDormant ? 'Activate workspace' : 'Make dormant'}
      </Button>
      {!isDormant && isRunning(workspace) && <p className="mt-2 text-sm text-muted">Stop the workspace first.</p>}
    </Card>
  )
}

function DeletionCard({ workspace }: { workspace: Workspace }) {
  const [isDeleting, setDeleting] = useState(false)
  const navigate = useNavigate()
  return (
    <Card title="Delete">
      <p className="mb-4 text-sm text-muted">Deletes the workspace and its resources. The dialog lists what is kept.</p>
      <Button disabled={isBuilding(workspace)} onClick={() => setDeleting(true)}>
        Delete workspace…
      </Button>
      <DeleteDialog
        workspace={workspace}
        open={isDeleting}
        onOpenChange={setDeleting}
        onDeleted={() => void navigate({ to: '/workspaces' })}
      />
    </Card>
  )
}
