// A notice below the header of a workspace: it is dormant or will be deleted, or its template has a new version.

import { useQuery } from '@tanstack/react-query'
import { Moon, RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Workspace } from '../../../api/workspaces/workspaces.ts'
import { versionQuery } from '../../api/templates.ts'
import { useSetDormant } from '../../api/workspace-settings.ts'
import { Button } from '../../components/button.tsx'
import { exactTime } from '../../components/time.tsx'
import { useUpdate } from '../../workspace/update-workspace.ts'
import { isBuilding } from '../../workspace/workspace-state.ts'

export function WorkspaceNotice({ workspace }: { workspace: Workspace }) {
  if (workspace.dormant_at !== null) return <DormantNotice workspace={workspace} />
  return workspace.outdated ? <OutdatedNotice workspace={workspace} /> : null
}

function DormantNotice({ workspace }: { workspace: Workspace }) {
  const setDormant = useSetDormant()
  const { deleting_at: deletingAt } = workspace
  return (
    <Notice
      icon={<Moon className="size-4 shrink-0 text-attention-text" aria-hidden />}
      action={
        <Button size="small" busy={setDormant.isPending} onClick={() => setDormant.mutate({ workspace, value: false })}>
          Activate workspace
        </Button>
      }
    >
      <span className="font-semibold">Dormant.</span> The workspace cannot be started until it is activated.
      {deletingAt && ` It will be deleted on ${exactTime(Date.parse(deletingAt))}.`}
    </Notice>
  )
}

function OutdatedNotice({ workspace }: { workspace: Workspace }) {
  const update = useUpdate()
  const { data: version } = useQuery(versionQuery(workspace.template_active_version_id))
  return (
    <Notice
      icon={<RefreshCw className="size-4 shrink-0 text-attention-text" aria-hidden />}
      action={
        <Button
          size="small"
          busy={update.isPending}
          disabled={isBuilding(workspace)}
          onClick={() => update.run(workspace)}
        >
          Update workspace
        </Button>
      }
    >
      Version <span className="font-semibold">{version?.name ?? '…'}</span> of the template is available
      {version?.message ? `: ${version.message}` : '.'}
    </Notice>
  )
}

function Notice({ icon, action, children }: { icon: ReactNode; action: ReactNode; children: ReactNode }) {
  return (
    <div
      role="status"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-y border-attention bg-attention-soft/40 px-6 py-1.5 text-sm max-sm:px-3"
    >
      {icon}
      <p className="min-w-0 flex-1 break-words">{children}</p>
      {action}
    </div>
  )
}
