// Parses the `?q=` search of workspaces into a filter, which find-workspaces.ts applies.

import { WorkspaceAgentStatus } from '../../api/agents/agents.ts'
import { WorkspaceStatus } from '../../api/workspaces/builds.ts'
import { isUuid } from '../../lib/uuid.ts'
import { invalidSearch, parseSearch, unknownKey } from '../search/parse-search.ts'

export interface WorkspaceFilter {
  /** Whether the filter matches all workspaces. */
  readonly isEmpty: boolean
  /** Username or `me`. */
  readonly owner?: string
  /** Substrings of the name; all must match. */
  readonly nameParts: readonly string[]
  readonly template?: string
  readonly status?: WorkspaceStatus
  /** Empty matches all. */
  readonly ids: readonly string[]
  /** A name or an ID. */
  readonly organization?: string
  /** For each list, at least one agent has one of its statuses. */
  readonly agentStatuses: readonly (readonly WorkspaceAgentStatus[])[]
  readonly outdated?: boolean
  readonly dormant?: boolean
  readonly hasAiTask?: boolean
  readonly hasExternalAgent?: boolean
  readonly usedAfter?: Date
  readonly usedBefore?: Date
  readonly shared?: boolean
  /** Username, ID or `me`. */
  readonly sharedWithUser?: string
  /** A name or an ID. */
  readonly sharedWithGroup?: string
  readonly parameters: readonly { readonly name: string; readonly value?: string }[]
}

type Draft = {
  -readonly [K in keyof WorkspaceFilter]: WorkspaceFilter[K] extends readonly (infer Item)[]
    ? Item[]
    : WorkspaceFilter[K]
}

/** Adds the value of a key to the filter. @returns an error message if invalid */
type Reader = (filter: Draft, value: string) => string | undefined

type TextFieldName = 'owner' | 'template' | 'organization' | 'sharedWithUser' | 'sharedWithGroup'
const textField =
  (field: TextFieldName): Reader =>
  (filter, value) => {
    filter[field] = value
    return undefined
  }

type BooleanField = 'outdated' | 'dormant' | 'hasAiTask' | 'hasExternalAgent' | 'shared'
const booleanField =
  (field: BooleanField): Reader =>
  (filter, value) => {
    const isTrue = readBoolean(value)
    if (isTrue === undefined) return `is true or false, not "${value}".`
    filter[field] = isTrue
    return undefined
  }

type TimeFieldName = 'usedAfter' | 'usedBefore'
const timeField =
  (field: TimeFieldName): Reader =>
  (filter, value) => {
    const at = new Date(value.toUpperCase())
    if (!/^\d{4}-\d\d-\d\dt/.test(value) || Number.isNaN(at.getTime())) {
      return `is a time such as "2026-01-31T12:00:00Z", in quotes, not "${value}".`
    }
    filter[field] = at
    return undefined
  }

const readers: Readonly<Record<string, Reader>> = {
  owner: textField('owner'),
  name(filter, value) {
    filter.nameParts.push(value)
    return undefined
  },
  template: textField('template'),
  status(filter, value) {
    const status = WorkspaceStatus.enum.find((candidate) => candidate === value)
    if (!status) return `is one of ${WorkspaceStatus.enum.join(', ')}, not "${value}".`
    filter.status = status
    return undefined
  },
  id(filter, value) {
    const ids = value.split(',')
    const invalidId = ids.find((id) => !isUuid(id))
    if (invalidId !== undefined) return `is a UUID, not "${invalidId}".`
    filter.ids.push(...ids)
    return undefined
  },
  organization: textField('organization'),
  'has-agent'(filter, value) {
    const values = value.split(',')
    const statuses = values.flatMap((text) => WorkspaceAgentStatus.enum.find((status) => status === text) ?? [])
    if (statuses.length < values.length)
      return `is one or more of ${WorkspaceAgentStatus.enum.join(',')}, not "${value}".`
    filter.agentStatuses.push(statuses)
    return undefined
  },
  healthy(filter, value) {
    const isHealthy = readBoolean(value)
    if (isHealthy === undefined) return `is true or false, not "${value}".`
    filter.agentStatuses.push(isHealthy ? ['connected'] : ['disconnected', 'timeout'])
    return undefined
  },
  dormant: booleanField('dormant'),
  outdated: booleanField('outdated'),
  'has-ai-task': booleanField('hasAiTask'),
  has_external_agent: booleanField('hasExternalAgent'),
  last_used_after: timeField('usedAfter'),
  last_used_before: timeField('usedBefore'),
  shared: booleanField('shared'),
  shared_with_user: textField('sharedWithUser'),
  shared_with_group: textField('sharedWithGroup'),
  param(filter, value) {
    const at = value.indexOf('=')
    const name = at === -1 ? value : value.slice(0, at)
    if (name === '') return 'is a name, or a name, "=" and a value.'
    filter.parameters.push(at === -1 ? { name } : { name, value: value.slice(at + 1) })
    return undefined
  },
}

const repeatable: ReadonlySet<string> = new Set(['id', 'param'])

/** @throws ApiError 400 with the invalid terms */
export function parseWorkspaceSearch(query: string): WorkspaceFilter {
  const filter: Draft = { isEmpty: true, ids: [], nameParts: [], agentStatuses: [], parameters: [] }
  const { terms, problems } = parseSearch(query, repeatable)
  filter.isEmpty = terms.length === 0
  const validations = [...problems]
  for (const { key, value } of terms) {
    if (key === '') {
      takeBareTerm(filter, value)
      continue
    }
    const read = Object.hasOwn(readers, key) ? readers[key] : undefined
    if (!read) {
      validations.push(unknownKey(key, Object.keys(readers)))
      continue
    }
    const problem = read(filter, value)
    if (problem) validations.push({ field: key, detail: `"${key}" ${problem}` })
  }
  if (validations.length > 0) throw invalidSearch('workspace', validations)
  return filter
}

/** `owner/name`, or a substring of the name. */
function takeBareTerm(filter: Draft, term: string): void {
  const slash = term.indexOf('/')
  if (slash !== -1) filter.owner = term.slice(0, slash)
  const name = term.slice(slash + 1)
  if (name !== '') filter.nameParts.push(name)
}

function readBoolean(value: string): boolean | undefined {
  if (value === 'true' || value === '1' || value === 't') return true
  return value === 'false' || value === '0' || value === 'f' ? false : undefined
}
