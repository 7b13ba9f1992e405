// User schemas shared by several groups of endpoints.

import { type Static, Type } from 'typebox'
import { oneOf, Uuid } from './common.ts'

export const UserStatus = oneOf(['active', 'dormant', 'suspended'])
export type UserStatus = Static<typeof UserStatus>

/** Empty in requests, and for users who have never signed in. */
export const LoginType = oneOf(['', 'password', 'github', 'oidc', 'token', 'none'])
export type LoginType = Static<typeof LoginType>

export const MinimalUser = Type.Object({
  id: Uuid,
  username: Type.String(),
  name: Type.Optional(Type.String()),
  avatar_url: Type.Optional(Type.String()),
})
export type MinimalUser = Static<typeof MinimalUser>
