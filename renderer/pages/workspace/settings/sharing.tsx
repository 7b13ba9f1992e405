// The users and groups that a workspace is shared with.

import { useQuery } from '@tanstack/react-query'
import type { WorkspaceRole } from '../../../../api/workspaces/workspace-sharing.ts'
import { groupsQuery, membersQuery, sharesQuery, useChangeShares } from '../../../api/workspace-settings.ts'
import { AccessList, type Subject } from '../../../components/access-list.tsx'
import { Failure } from '../../../components/failure.tsx'
import { Delayed, Skeleton } from '../../../components/skeleton.tsx'
import { useWorkspace } from '../workspace-page.tsx'

const roles = [
  { value: 'use', label: 'Use', description: 'connect to terminals and apps' },
  { value: 'admin', label: 'Admin', description: 'also start, stop and update' },
] as const

export function SharingSettings() {
  const workspace = useWorkspace()
  const shares = useQuery(sharesQuery(workspace.id))
  const members = useQuery(membersQuery(workspace.organization_id))
  const groups = useQuery(groupsQuery(workspace.organization_id))
  const change = useChangeShares()
  if (shares.isError)
    return <Failure title="Could not load shares" error={shares.error} onRetry={() => void shares.refetch()} />
  if (!shares.data)
    return (
      <Delayed>
        <Skeleton className="h-40 rounded-card" />
      </Delayed>
    )
  const entries: Subject[] = [
    ...shares.data.group.map((group) => ({ kind: 'group' as const, ...group, name: group.display_name || group.name })),
    ...shares.data.users.map((user) => ({ kind: 'user' as const, id: user.id, name: user.username, role: user.role })),
  ]
  const candidates: Subject[] = [
    ...(groups.data ?? []).map((group) => ({
      kind: 'group' as const,
      id: group.id,
      name: group.display_name || group.name,
      role: '',
    })),
    ...(members.data ?? [])
      .filter(({ user_id }) => user_id !== workspace.owner_id)
      .map((member) => ({ kind: 'user' as const, id: member.user_id, name: member.username, role: '' })),
  ]
  const setRole = ({ kind, id }: Subject, role: string) => {
    const named = { [id]: role as WorkspaceRole }
    change.mutate({ workspace, body: kind === 'user' ? { user_roles: named } : { group_roles: named } })
  }
  return (
    <AccessList
      title="Shared with"
      note="They see the workspace in their list."
      emptyText={`Only ${workspace.owner_name} and administrators can use this workspace.`}
      entries={entries}
      candidates={candidates}
      roles={roles}
      isBusy={change.isPending}
      onChange={setRole}
    />
  )
}
