// Template search: `key:value` terms that must all match. A bare word is a substring of the display name or name.

import { type Expression, type SqlBool, sql } from 'kysely'
import type { ValidationError } from '../../api/common.ts'
import { isUuid } from '../../lib/uuid.ts'
import type { Db } from '../database/connect.ts'
import { invalidSearch, joinLists, parseSearch, unknownKey } from '../search/parse-search.ts'
import { requireSearchedOrganization } from '../search/searched-names.ts'

export interface TemplateSearch {
  readonly text: string
  /** The user of `author:me`. */
  readonly userId: string
  /** Restricts to this organization. */
  readonly organizationId?: string | undefined
}

type ConditionBuilder = (value: string, search: TemplateSearch) => Expression<SqlBool>

const contains = (column: string, value: string) => sql<boolean>`strpos(lower(${sql.ref(column)}), ${value}) > 0`
const equals = (column: string, value: string) => sql<boolean>`lower(${sql.ref(column)}) = ${value}`

/** Conditions by key; values are lowercase. */
const keys: Readonly<Record<string, ConditionBuilder>> = {
  '': (value) => sql<boolean>`(${contains('template.display_name', value)} or ${contains('template.name', value)})`,
  name: (value) => contains('template.name', value),
  exact_name: (value) => equals('template.name', value),
  display_name: (value) => contains('template.display_name', value),
  exact_display_name: (value) => equals('template.display_name', value),
  ids: (value) => sql<boolean>`template.id = any(${value.split(',').map(readId)}::uuid[])`,
  organization: (value) => sql<boolean>`${value} in (lower(organization.name), organization.id::text)`,
  deleted: (value) => sql<boolean>`template.deleted = ${readFlag(value)}`,
  deprecated: (value) => sql<boolean>`(template.deprecation_message <> '') = ${readFlag(value)}`,
  author: (value, { userId }) =>
    value === 'me'
      ? sql<boolean>`template.created_by = ${userId}::uuid`
      : sql<boolean>`${value} in (lower(author.username), author.id::text)`,
  'has-ai-task': (value) => sql<boolean>`active.has_ai_task = ${readFlag(value)}`,
  has_external_agent: (value) => sql<boolean>`active.has_external_agent = ${readFlag(value)}`,
}

/** Keys with several values. */
const lists: ReadonlySet<string> = new Set(['ids'])

class InvalidValue extends Error {}

function readFlag(value: string): boolean {
  if (value === 'true' || value === '1' || value === 't') return true
  if (value === 'false' || value === '0' || value === 'f') return false
  throw new InvalidValue('must be true or false')
}

function readId(value: string): string {
  if (isUuid(value)) return value
  throw new InvalidValue('must be UUIDs')
}

/** Returns the IDs of matching templates. @throws ApiError 400 with all invalid terms */
export async function findTemplates(db: Db, search: TemplateSearch): Promise<string[]> {
  const { terms, problems } = parseSearch(search.text, lists)
  const validations = [...problems]
  const conditions = joinLists(terms, lists).flatMap(({ key, value }) => toConditions(key, value, search, validations))
  if (validations.length > 0) throw invalidSearch('template', validations)
  await requireSearchedOrganization(db, 'template', terms.find(({ key }) => key === 'organization')?.value)
  const filtersDeleted = terms.some(({ key }) => key === 'deleted')
  const found = await db
    .selectFrom('templates as template')
    .innerJoin('organizations as organization', 'organization.id', 'template.organization_id')
    .innerJoin('template_versions as active', 'active.id', 'template.active_version_id')
    .innerJoin('users as author', 'author.id', 'template.created_by')
    .select('template.id')
    .where((eb) => eb.and(conditions))
    .$if(!filtersDeleted, (query) => query.where('template.deleted', '=', false))
    .$if(search.organizationId !== undefined, (query) =>
      query.where('template.organization_id', '=', search.organizationId ?? ''),
    )
    .execute()
  return found.map(({ id }) => id)
}

function toConditions(
  key: string,
  value: string,
  search: TemplateSearch,
  validations: ValidationError[],
): Expression<SqlBool>[] {
  const condition = Object.hasOwn(keys, key) ? keys[key] : undefined
  if (!condition) {
    validations.push(unknownKey(key, Object.keys(keys)))
    return []
  }
  try {
    return [condition(value, search)]
  } catch (error) {
    if (!(error instanceof InvalidValue)) throw error
    validations.push({ field: key, detail: `"${value}" ${error.message}.` })
    return []
  }
}
