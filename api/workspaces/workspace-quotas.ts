// Daily cost of a user's workspaces, and the user's budget.

import { type Static, Type } from 'typebox'
import { UserParams } from '../account/users.ts'
import { endpoint, user } from '../endpoint.ts'
import { MemberParams } from '../organizations/organizations.ts'

/** A budget of -1 is unlimited. */
export const WorkspaceQuota = Type.Object({ credits_consumed: Type.Integer(), budget: Type.Integer() })
export type WorkspaceQuota = Static<typeof WorkspaceQuota>

export const getWorkspaceQuota = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/members/:user/workspace-quota',
  summary: 'Get the workspace cost and budget of an organization member.',
  access: user('read', 'user'),
  params: MemberParams,
  responses: { 200: WorkspaceQuota },
})

/** Older path of `getWorkspaceQuota`. */
export const getWorkspaceQuotaOfUser = endpoint({
  method: 'GET',
  path: '/api/v2/workspace-quota/:user',
  summary: 'Get the workspace cost and budget of a user.',
  access: user('read', 'user'),
  params: UserParams,
  responses: { 200: WorkspaceQuota },
})
