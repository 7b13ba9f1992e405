// Passwords: setting, judging, and getting a new one when it was forgotten.

import { type Static, Type } from 'typebox'
import { maybe } from '../common.ts'
import { endpoint, open, user } from '../endpoint.ts'
import { Email, Password, UserParams } from './users.ts'

export const UpdateUserPasswordRequest = Type.Object({
  old_password: maybe(Type.String()),
  password: Password,
})
export type UpdateUserPasswordRequest = Static<typeof UpdateUserPasswordRequest>

export const updateUserPassword = endpoint({
  method: 'PUT',
  path: '/api/v2/users/:user/password',
  summary: 'Sets a new password and signs the user out everywhere; your own needs the old one',
  access: user('update_personal', 'user'),
  params: UserParams,
  body: UpdateUserPasswordRequest,
  responses: { 204: Type.Null() },
})

export const validatePassword = endpoint({
  method: 'POST',
  path: '/api/v2/users/validate-password',
  limit: 'logins',
  summary: 'Tells whether a password is good enough, before it is set',
  access: open('asked while setting up, and by whoever forgot a password'),
  body: Type.Object({ password: Type.String() }),
  responses: { 200: Type.Object({ valid: Type.Boolean(), details: Type.String() }) },
})

export const requestOneTimePasscode = endpoint({
  method: 'POST',
  path: '/api/v2/users/otp/request',
  limit: 'logins',
  summary: 'Sends a one-time passcode to a user who forgot the password; the answer does not say whether there is one',
  access: open('whoever forgot a password is not signed in'),
  body: Type.Object({ email: Email }),
  responses: { 204: Type.Null() },
})

export const changePasswordWithOneTimePasscode = endpoint({
  method: 'POST',
  path: '/api/v2/users/otp/change-password',
  limit: 'logins',
  summary: 'Sets a new password with a one-time passcode and signs the user out everywhere',
  access: open('the passcode is the credential'),
  body: Type.Object({
    email: Email,
    one_time_passcode: Type.String({ minLength: 1, maxLength: 128 }),
    password: Password,
  }),
  responses: { 204: Type.Null() },
})
