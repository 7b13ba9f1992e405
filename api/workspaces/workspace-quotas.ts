// What a person's workspaces cost a day, and how much they may.

import { type Static, Type } from 'typebox'
import { UserParams } from '../account/users.ts'
import { endpoint, user } from '../endpoint.ts'
import { MemberParams } from '../organizations/organizations.ts'

/** A budget of -1 has no end. */
export const WorkspaceQuota = Type.Object({ credits_consumed: Type.Integer(), budget: Type.Integer() })
export type WorkspaceQuota = Static<typeof WorkspaceQuota>

export const getWorkspaceQuota = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/members/:user/workspace-quota',
  summary: "Tells what a member's workspaces cost and what they may",
  access: user('read', 'user'),
  params: MemberParams,
  responses: { 200: WorkspaceQuota },
})

/** The older address of `getWorkspaceQuota`. */
export const getWorkspaceQuotaOfUser = endpoint({
  method: 'GET',
  path: '/api/v2/workspace-quota/:user',
  summary: "Tells what a user's workspaces cost and what they may",
  access: user('read', 'user'),
  params: UserParams,
  responses: { 200: WorkspaceQuota },
})
