// Passwords: changing, validating, and resetting a forgotten one.

import { type Static, Type } from 'typebox'
import { maybe } from '../common.ts'
import { endpoint, open, user } from '../endpoint.ts'
import { Email, maxPasswordLength, Password, UserParams } from './users.ts'

export const UpdateUserPasswordRequest = Type.Object({
  old_password: maybe(Type.String({ maxLength: maxPasswordLength })),
  password: Password,
})
export type UpdateUserPasswordRequest = Static<typeof UpdateUserPasswordRequest>

export const updateUserPassword = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/password',
  summary: "Change a user's password and end all their sessions. Users must provide their old password.",
  access: user('update_personal', 'user'),
  params: UserParams,
  body: UpdateUserPasswordRequest,
  responses: { 204: Type.Null() },
})

export const validatePassword = endpoint({
  method: 'POST',
  path: '/api/v2/users/validate-password',
  limit: 'logins',
  summary: 'Validate the strength of a password without setting it.',
  access: open('used during setup and password reset, without a session'),
  body: Type.Object({ password: Type.String({ maxLength: maxPasswordLength }) }),
  responses: { 200: Type.Object({ valid: Type.Boolean(), details: Type.String() }) },
})

export const requestOneTimePasscode = endpoint({
  method: 'POST',
  path: '/api/v2/users/otp/request',
  limit: 'logins',
  summary: 'Email a one-time passcode for a password reset. The response does not reveal whether the account exists.',
  access: open('users who forgot their password have no session'),
  body: Type.Object({ email: Email }),
  responses: { 204: Type.Null() },
})

export const changePasswordWithOneTimePasscode = endpoint({
  method: 'POST',
  path: '/api/v2/users/otp/change-password',
  limit: 'logins',
  summary: 'Reset a password with a one-time passcode and end all sessions of the user.',
  access: open('the passcode is the credential'),
  body: Type.Object({
    email: Email,
    one_time_passcode: Type.String({ minLength: 1, maxLength: 128 }),
    password: Password,
  }),
  responses: { 204: Type.Null() },
})
