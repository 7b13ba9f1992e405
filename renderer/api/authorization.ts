// Permission checks of the signed-in user, so that pages show only actions that are permitted.

import { queryOptions, useQuery } from '@tanstack/react-query'
import { type AuthorizationCheck, checkAuthorization } from '../../api/account/authorization.ts'
import type { Action, Resource } from '../../api/rbac.ts'
import { client } from './client.ts'

type Check = { action: Action; object: AuthorizationCheck['object'] & { resource_type: Resource } }

const permissionsQuery = (checks: Record<string, Check>) =>
  queryOptions({
    queryKey: ['permissions', checks],
    queryFn: ({ signal }) => client.call(checkAuthorization, { body: { checks }, signal }),
  })

/** Which of the named actions are permitted; none until the response arrives. */
export function usePermissions<Name extends string>(checks: Record<Name, Check>): Partial<Record<Name, boolean>> {
  const { data = {} } = useQuery(permissionsQuery(checks))
  return data as Partial<Record<Name, boolean>>
}
