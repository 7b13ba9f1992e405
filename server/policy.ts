// Who may do what. One table of roles, one question, and the mark that it was asked: a route that answers without
// having asked fails (serve.ts). Knows no SQL and no routes.

import type { Action, Resource } from '../api/endpoint.ts'
import { notFound } from '../api/errors.ts'

/** The user behind a request, with what their key allows. */
export interface Principal {
  readonly userId: string
  readonly username: string
  readonly email: string
  /** Site roles besides the implicit `member`. */
  readonly roles: readonly string[]
  readonly organizationIds: readonly string[]
  readonly keyId: string
}

/** What is acted upon. What belongs to nobody in particular has no owner. */
export interface Subject {
  readonly resource: Resource
  readonly ownerId?: string
}

type Rule = 'any' | 'own' | 'never'
type Rules = Partial<Record<Resource, Partial<Record<Action, Rule>>>>

/** What every signed-in user may do. `own` asks for ownership; for `list` it means that the list shows what is one's own. */
const memberRules: Rules = {
  user: { read: 'any', list: 'never', update: 'own' },
  organization: { read: 'any', list: 'any' },
  file: { create: 'never', read: 'own' },
  template: { read: 'any', list: 'any', use: 'any' },
  workspace: { create: 'own', read: 'own', update: 'own', delete: 'own', use: 'own', connect: 'own', list: 'any' },
  api_key: { create: 'own', read: 'own', update: 'own', delete: 'own', list: 'own' },
  provisioner_daemon: { list: 'any' },
  deployment: { read: 'any' },
  launch_code: { create: 'own' },
}

/** Whoever a request speaks for, and whether the policy was asked about what it touches. */
export interface Asker {
  readonly principal: Principal | null
  isAuthorized: boolean
}

/** Whether the policy lets this user act so. Owners may do everything, also to what belongs to others. */
export function can(principal: Principal, action: Action, subject: Subject): boolean {
  if (principal.roles.includes('owner')) return true
  const rule = memberRules[subject.resource]?.[action] ?? 'never'
  return rule === 'any' || (rule === 'own' && subject.ownerId === principal.userId)
}

/** Whether there is any object for which the policy says yes: asked before anything is loaded. */
export function mightEver(principal: Principal, action: Action, resource: Resource): boolean {
  return can(principal, action, { resource, ownerId: principal.userId })
}

/** Asks the policy and marks the request as checked.
 *  @throws ApiError 404, the same as for what does not exist. */
export function authorize(request: Asker, action: Action, subject: Subject): void {
  request.isAuthorized = true
  if (!request.principal || !can(request.principal, action, subject)) throw notFound()
}

/** The same question for a request that shows less instead of failing. */
export function isAllowed(request: Asker, action: Action, subject: Subject): boolean {
  request.isAuthorized = true
  return request.principal !== null && can(request.principal, action, subject)
}
