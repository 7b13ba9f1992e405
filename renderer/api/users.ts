// The signed-in user, and the ways to sign in.

import { queryOptions } from '@tanstack/react-query'
import { createSessionKey } from '../../api/account/api-keys.ts'
import { changePasswordWithOneTimePasscode, requestOneTimePasscode } from '../../api/account/passwords.ts'
import { type CreateFirstUserRequest, createFirstUser, getFirstUser, login, logout } from '../../api/account/sign-in.ts'
import { getUser } from '../../api/account/users.ts'
import { ApiError } from '../../api/errors.ts'
import { createOwnLaunchCode, exchangeLaunchCode, inspectLaunchCode } from '../../api/local.ts'
import { client } from './client.ts'

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => client.call(getUser, { params: { user: 'me' }, signal }),
})

/** The username of the signed-in user; undefined without a session. */
export const findSignedInUser = (): Promise<string | undefined> =>
  client.call(getUser, { params: { user: 'me' } }).then(
    ({ username }) => username,
    () => undefined,
  )

/** Whether the deployment has any user. */
export const hasUsersQuery = queryOptions({
  queryKey: ['has-users'],
  staleTime: 0,
  queryFn: async ({ signal }) => {
    try {
      await client.call(getFirstUser, { signal })
      return true
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false
      throw error
    }
  },
})

export const signIn = (body: { email: string; password: string }) => client.call(login, { body })

export async function createAdministrator(body: CreateFirstUserRequest): Promise<void> {
  await client.call(createFirstUser, { body })
  await signIn({ email: body.email, password: body.password })
}

/** The user that a sign-in link signs in; empty for the owner's link from a program of the computer. */
export const findUserOfCode = async (code: string) =>
  (await client.call(inspectLaunchCode, { body: { code } })).username

export const signInWithCode = (code: string) => client.call(exchangeLaunchCode, { body: { code } })

export const requestPasscode = (email: string) => client.call(requestOneTimePasscode, { body: { email } })

export const resetPassword = (body: { email: string; one_time_passcode: string; password: string }) =>
  client.call(changePasswordWithOneTimePasscode, { body })

/** A session key with which another program signs in as this user. */
export const createSessionKeyForCli = async () => (await client.call(createSessionKey, { params: { user: 'me' } })).key

export const signOut = () => client.call(logout)

/** A one-time link that signs this user in to another browser. */
export const createSignInLink = async () => (await client.call(createOwnLaunchCode)).url
