// Templates from which workspaces are created. Template versions are in template-versions.ts.

import { type Static, Type } from 'typebox'
import { daysOfWeek } from '../../lib/days-of-week.ts'
import { User } from '../account/users.ts'
import { SharingLevel } from '../agents/agents.ts'
import {
  Description,
  DisplayName,
  Icon,
  Milliseconds,
  maybe,
  Name,
  nullable,
  OptionalName,
  oneOf,
  paginationQuery,
  Response,
  Timestamp,
  Uuid,
} from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { Group, ReducedUser } from '../organizations/groups.ts'
import { OrganizationParams } from '../organizations/organizations.ts'
import { WorkspaceGroup, WorkspaceRole } from '../workspaces/workspace-sharing.ts'
import { TemplateVersion } from './template-versions.ts'

const DayOfWeek = oneOf(daysOfWeek)

export const TemplateAutostopRequirement = Type.Object({
  days_of_week: Type.Array(DayOfWeek),
  weeks: Type.Integer(),
})
export type TemplateAutostopRequirement = Static<typeof TemplateAutostopRequirement>

export const TemplateAutostartRequirement = Type.Object({ days_of_week: Type.Array(DayOfWeek) })
export type TemplateAutostartRequirement = Static<typeof TemplateAutostartRequirement>

export const CorsBehavior = oneOf(['simple', 'passthru'])
export type CorsBehavior = Static<typeof CorsBehavior>

/** Milliseconds; `null` until there are enough builds. The keys are capitalized on the wire. */
export const TransitionStats = Type.Object({ P50: nullable(Type.Integer()), P95: nullable(Type.Integer()) })
export type TransitionStats = Static<typeof TransitionStats>

export const TemplateBuildTimeStats = Type.Object({
  start: TransitionStats,
  stop: TransitionStats,
  delete: TransitionStats,
})
export type TemplateBuildTimeStats = Static<typeof TemplateBuildTimeStats>

export const Template = Type.Object({
  id: Uuid,
  created_at: Timestamp,
  updated_at: Timestamp,
  organization_id: Uuid,
  organization_name: Type.String(),
  organization_display_name: Type.String(),
  organization_icon: Type.String(),
  name: Type.String(),
  display_name: Type.String(),
  provisioner: oneOf(['terraform']),
  active_version_id: Uuid,
  /** -1 if unknown. */
  active_user_count: Type.Integer(),
  build_time_stats: TemplateBuildTimeStats,
  description: Type.String(),
  deprecated: Type.Boolean(),
  deprecation_message: Type.String(),
  icon: Type.String(),
  default_ttl_ms: Type.Integer(),
  activity_bump_ms: Type.Integer(),
  autostop_requirement: TemplateAutostopRequirement,
  autostart_requirement: TemplateAutostartRequirement,
  created_by_id: Uuid,
  created_by_name: Type.String(),
  allow_user_autostart: Type.Boolean(),
  allow_user_autostop: Type.Boolean(),
  allow_user_cancel_workspace_jobs: Type.Boolean(),
  failure_ttl_ms: Type.Integer(),
  time_til_dormant_ms: Type.Integer(),
  time_til_dormant_autodelete_ms: Type.Integer(),
  require_active_version: Type.Boolean(),
  max_port_share_level: SharingLevel,
  cors_behavior: CorsBehavior,
  use_classic_parameter_flow: Type.Boolean(),
  disable_module_cache: Type.Boolean(),
})
export type Template = Static<typeof Template>

export const TemplateExample = Type.Object({
  /** A name such as `docker`, which clients pass on as `example_id`. */
  id: Type.String(),
  url: Type.String(),
  name: Type.String(),
  description: Type.String(),
  icon: Type.String(),
  tags: Type.Array(Type.String()),
  markdown: Type.String(),
})
export type TemplateExample = Static<typeof TemplateExample>

const DaysOfWeek = Type.Array(DayOfWeek, { maxItems: 7 })
const AutostopRequirementRequest = Type.Object({
  days_of_week: maybe(DaysOfWeek),
  weeks: maybe(Type.Integer()),
})
const AutostartRequirementRequest = Type.Object({ days_of_week: maybe(DaysOfWeek) })

/** Settings that can be set on creation and on update. */
const templateSettings = {
  display_name: maybe(DisplayName),
  description: maybe(Description),
  icon: maybe(Icon),
  default_ttl_ms: maybe(Milliseconds),
  activity_bump_ms: maybe(Milliseconds),
  autostop_requirement: maybe(AutostopRequirementRequest),
  autostart_requirement: maybe(AutostartRequirementRequest),
  allow_user_autostart: maybe(Type.Boolean()),
  allow_user_autostop: maybe(Type.Boolean()),
  allow_user_cancel_workspace_jobs: maybe(Type.Boolean()),
  failure_ttl_ms: maybe(Milliseconds),
  require_active_version: maybe(Type.Boolean()),
  disable_everyone_group_access: maybe(Type.Boolean()),
  max_port_share_level: maybe(SharingLevel),
  cors_behavior: maybe(CorsBehavior),
}

/** Some settings have different names here than in the template. */
export const CreateTemplateRequest = Type.Object({
  name: Name,
  template_version_id: Uuid,
  ...templateSettings,
  /** The template's `time_til_dormant_ms`. */
  dormant_ttl_ms: maybe(Milliseconds),
  /** The template's `time_til_dormant_autodelete_ms`. */
  delete_ttl_ms: maybe(Milliseconds),
  /** The template's `use_classic_parameter_flow`. */
  template_use_classic_parameter_flow: maybe(Type.Boolean()),
})
export type CreateTemplateRequest = Static<typeof CreateTemplateRequest>

/** Omitted numbers and booleans are 0 and false, because Go clients omit zero values; other omitted fields are unchanged. */
export const UpdateTemplateRequest = Type.Object({
  /** Unchanged if empty. */
  name: maybe(OptionalName),
  ...templateSettings,
  time_til_dormant_ms: maybe(Milliseconds),
  time_til_dormant_autodelete_ms: maybe(Milliseconds),
  update_workspace_last_used_at: maybe(Type.Boolean()),
  update_workspace_dormant_at: maybe(Type.Boolean()),
  deprecation_message: maybe(Type.String({ maxLength: 65_536 })),
  use_classic_parameter_flow: maybe(Type.Boolean()),
  disable_module_cache: maybe(Type.Boolean()),
})
export type UpdateTemplateRequest = Static<typeof UpdateTemplateRequest>

export const UpdateActiveTemplateVersionRequest = Type.Object({ id: Uuid })
export type UpdateActiveTemplateVersionRequest = Static<typeof UpdateActiveTemplateVersionRequest>

/** Without `all`, only versions whose import failed. */
export const ArchiveTemplateVersionsRequest = Type.Object({ all: maybe(Type.Boolean()) })
export type ArchiveTemplateVersionsRequest = Static<typeof ArchiveTemplateVersionsRequest>

export const ArchiveTemplateVersionsResponse = Type.Object({
  message: Type.String(),
  template_id: Uuid,
  archived_ids: Type.Array(Uuid),
})
export type ArchiveTemplateVersionsResponse = Static<typeof ArchiveTemplateVersionsResponse>

const TemplateRole = WorkspaceRole

const TemplateUser = Type.Object({ ...User.properties, role: TemplateRole })
export type TemplateUser = Static<typeof TemplateUser>

export const TemplateACL = Type.Object({ users: Type.Array(TemplateUser), group: Type.Array(WorkspaceGroup) })
export type TemplateACL = Static<typeof TemplateACL>

const Perms = Type.Record(Type.String(), TemplateRole)

/** By ID of the user or group; an empty role removes the entry, omitted entries are unchanged. */
export const UpdateTemplateACL = Type.Object({ user_perms: maybe(Perms), group_perms: maybe(Perms) })
export type UpdateTemplateACL = Static<typeof UpdateTemplateACL>

/** Users and groups that can be added to an access list. */
export const ACLAvailable = Type.Object({
  users: Type.Array(ReducedUser),
  groups: Type.Array(Group),
})
export type ACLAvailable = Static<typeof ACLAvailable>

export const DAUsResponse = Type.Object({
  entries: Type.Array(Type.Object({ date: Type.String(), amount: Type.Integer() })),
  tz_hour_offset: Type.Integer(),
})
export type DAUsResponse = Static<typeof DAUsResponse>

/** Hours east of UTC. */
export const timeZoneQuery = { tz_offset: Type.Optional(Type.Integer({ minimum: -14, maximum: 14 })) }

const TemplateParams = Type.Object({ template: Uuid })
const VersionOfOrganizationParams = Type.Object({
  organization: Type.String(),
  templatename: Type.String(),
  templateversionname: Type.String(),
})

export const listTemplates = endpoint({
  method: 'GET',
  path: '/api/v2/templates',
  summary: 'List the templates of all organizations that the caller may see.',
  access: user('list', 'template'),
  query: Type.Object({ q: Type.Optional(Type.String()) }),
  responses: { 200: Type.Array(Template) },
})

export const listTemplatesOfOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/templates',
  summary: 'List the templates of an organization.',
  access: user('list', 'template'),
  params: OrganizationParams,
  query: Type.Object({ q: Type.Optional(Type.String()) }),
  responses: { 200: Type.Array(Template) },
})

export const createTemplate = endpoint({
  method: 'POST',
  path: '/api/v2/organizations/:organization/templates',
  summary: 'Create a template from an imported version.',
  access: user('create', 'template'),
  params: OrganizationParams,
  body: CreateTemplateRequest,
  responses: { 201: Template },
})

export const getTemplateByName = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/templates/:templatename',
  summary: 'Get a template by name.',
  access: user('read', 'template'),
  params: Type.Object({ organization: Type.String(), templatename: Type.String() }),
  responses: { 200: Template },
})

export const listTemplateExamples = endpoint({
  method: 'GET',
  path: '/api/v2/templates/examples',
  summary: 'List the starter templates. Requires permission to read all templates.',
  access: user('read', 'template'),
  responses: { 200: Type.Array(TemplateExample) },
})

export const listTemplateExamplesOfOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/templates/examples',
  summary: 'List the starter templates (path of older clients). Requires permission to read all templates.',
  access: user('read', 'template'),
  params: OrganizationParams,
  responses: { 200: Type.Array(TemplateExample) },
})

export const getVersionOfOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/templates/:templatename/versions/:templateversionname',
  summary: 'Get a template version by template and version name.',
  access: user('read', 'template'),
  params: VersionOfOrganizationParams,
  responses: { 200: TemplateVersion },
})

export const getPreviousVersion = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/templates/:templatename/versions/:templateversionname/previous',
  summary: 'Get the version that precedes the named one.',
  access: user('read', 'template'),
  params: VersionOfOrganizationParams,
  responses: { 200: TemplateVersion },
})

export const getTemplate = endpoint({
  method: 'GET',
  path: '/api/v2/templates/:template',
  summary: 'Get a template.',
  access: user('read', 'template'),
  params: TemplateParams,
  responses: { 200: Template },
})

export const updateTemplate = endpoint({
  method: 'PATCH',
  path: '/api/v2/templates/:template',
  summary: 'Update the settings of a template. Returns 304 if nothing changes.',
  access: user('update', 'template'),
  params: TemplateParams,
  body: UpdateTemplateRequest,
  responses: { 200: Template },
})

export const deleteTemplate = endpoint({
  method: 'DELETE',
  path: '/api/v2/templates/:template',
  summary: 'Delete a template without workspaces.',
  access: user('delete', 'template'),
  params: TemplateParams,
  responses: { 200: Response },
})

const InvalidatedPreset = Type.Object({
  template_name: Type.String(),
  template_version_name: Type.String(),
  preset_name: Type.String(),
})

export const invalidatePresets = endpoint({
  method: 'POST',
  path: '/api/v2/templates/:template/prebuilds/invalidate',
  summary: "Invalidate the prebuilt workspaces of a template's presets (there are none).",
  access: user('update', 'template'),
  params: TemplateParams,
  responses: { 200: Type.Object({ invalidated: Type.Array(InvalidatedPreset) }) },
})

export const listTemplateVersions = endpoint({
  method: 'GET',
  path: '/api/v2/templates/:template/versions',
  summary: 'List the versions of a template in pages.',
  access: user('read', 'template'),
  params: TemplateParams,
  query: Type.Object({ ...paginationQuery, include_archived: Type.Optional(Type.Boolean()) }),
  responses: { 200: Type.Array(TemplateVersion) },
})

export const getTemplateVersionByName = endpoint({
  method: 'GET',
  path: '/api/v2/templates/:template/versions/:templateversionname',
  summary: 'Get a template version by name.',
  access: user('read', 'template'),
  params: Type.Object({ template: Uuid, templateversionname: Type.String() }),
  responses: { 200: TemplateVersion },
})

export const promoteTemplateVersion = endpoint({
  method: 'PATCH',
  path: '/api/v2/templates/:template/versions',
  summary: 'Set the active version, which new builds use. Its import must have succeeded.',
  access: user('update', 'template'),
  params: TemplateParams,
  body: UpdateActiveTemplateVersionRequest,
  responses: { 200: Response },
})

export const archiveTemplateVersions = endpoint({
  method: 'POST',
  path: '/api/v2/templates/:template/versions/archive',
  summary: 'Archive the unused versions of a template, by default only those whose import failed.',
  access: user('update', 'template'),
  params: TemplateParams,
  body: ArchiveTemplateVersionsRequest,
  responses: { 200: ArchiveTemplateVersionsResponse },
})

export const getTemplateAcl = endpoint({
  method: 'GET',
  path: '/api/v2/templates/:template/acl',
  summary: 'List the users and groups with access to a template.',
  access: user('read', 'template'),
  params: TemplateParams,
  responses: { 200: TemplateACL },
})

export const updateTemplateAcl = endpoint({
  method: 'PATCH',
  path: '/api/v2/templates/:template/acl',
  summary: 'Update the access list of a template.',
  access: user('update', 'template'),
  params: TemplateParams,
  body: UpdateTemplateACL,
  responses: { 200: Response },
})

export const listTemplateAclAvailable = endpoint({
  method: 'GET',
  path: '/api/v2/templates/:template/acl/available',
  summary: 'List the users and groups that can be added to the access list.',
  access: user('update', 'template'),
  params: TemplateParams,
  query: Type.Object({ q: Type.Optional(Type.String()), ...paginationQuery }),
  responses: { 200: ACLAvailable },
})

export const getTemplateDaus = endpoint({
  method: 'GET',
  path: '/api/v2/templates/:template/daus',
  summary: 'Count the daily active users of a template for the last sixty days.',
  access: user('view_insights', 'template'),
  params: TemplateParams,
  query: Type.Object(timeZoneQuery),
  responses: { 200: DAUsResponse },
})
