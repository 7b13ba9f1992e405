// Templates: the named, versioned recipe that workspaces are made from. The versions themselves are in
// template-versions.ts.

import { type Static, Type } from 'typebox'
import { SharingLevel } from './agents.ts'
import {
  Description,
  DisplayName,
  Icon,
  maybe,
  Name,
  nullable,
  oneOf,
  paginationQuery,
  Response,
  Timestamp,
  Uuid,
} from './common.ts'
import { endpoint, user } from './endpoint.ts'
import { OrganizationParams } from './organizations.ts'
import { TemplateVersion } from './template-versions.ts'

const DayOfWeek = oneOf(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'])

export const TemplateAutostopRequirement = Type.Object({
  days_of_week: Type.Array(DayOfWeek),
  weeks: Type.Integer(),
})
export type TemplateAutostopRequirement = Static<typeof TemplateAutostopRequirement>

export const TemplateAutostartRequirement = Type.Object({ days_of_week: Type.Array(DayOfWeek) })
export type TemplateAutostartRequirement = Static<typeof TemplateAutostartRequirement>

export const CorsBehavior = oneOf(['simple', 'passthru'])
export type CorsBehavior = Static<typeof CorsBehavior>

/** Milliseconds; `null` until there are enough builds. The keys are capitalised on the wire. */
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
  /** -1 while unknown. */
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
  /** A name such as `docker`; handed on as `example_id`. */
  id: Type.String(),
  url: Type.String(),
  name: Type.String(),
  description: Type.String(),
  icon: Type.String(),
  tags: Type.Array(Type.String()),
  markdown: Type.String(),
})
export type TemplateExample = Static<typeof TemplateExample>

const Ms = Type.Integer({ minimum: 0 })
const AutostopRequirementRequest = Type.Object({
  days_of_week: maybe(Type.Array(DayOfWeek)),
  weeks: maybe(Type.Integer()),
})
const AutostartRequirementRequest = Type.Object({ days_of_week: maybe(Type.Array(DayOfWeek)) })

/** What making and changing a template have in common. */
const templateSettings = {
  display_name: maybe(DisplayName),
  description: maybe(Description),
  icon: maybe(Icon),
  default_ttl_ms: maybe(Ms),
  activity_bump_ms: maybe(Ms),
  autostop_requirement: maybe(AutostopRequirementRequest),
  autostart_requirement: maybe(AutostartRequirementRequest),
  allow_user_autostart: maybe(Type.Boolean()),
  allow_user_autostop: maybe(Type.Boolean()),
  allow_user_cancel_workspace_jobs: maybe(Type.Boolean()),
  failure_ttl_ms: maybe(Ms),
  require_active_version: maybe(Type.Boolean()),
  disable_everyone_group_access: maybe(Type.Boolean()),
  max_port_share_level: maybe(SharingLevel),
  cors_behavior: maybe(CorsBehavior),
}

/** Some settings go by other names here than in the template itself. */
export const CreateTemplateRequest = Type.Object({
  name: Name,
  template_version_id: Uuid,
  ...templateSettings,
  /** The template's `time_til_dormant_ms`. */
  dormant_ttl_ms: maybe(Ms),
  /** The template's `time_til_dormant_autodelete_ms`. */
  delete_ttl_ms: maybe(Ms),
  /** The template's `use_classic_parameter_flow`. */
  template_use_classic_parameter_flow: maybe(Type.Boolean()),
})
export type CreateTemplateRequest = Static<typeof CreateTemplateRequest>

export const UpdateTemplateRequest = Type.Object({
  name: maybe(Name),
  ...templateSettings,
  time_til_dormant_ms: maybe(Ms),
  time_til_dormant_autodelete_ms: maybe(Ms),
  update_workspace_last_used_at: maybe(Type.Boolean()),
  update_workspace_dormant_at: maybe(Type.Boolean()),
  deprecation_message: maybe(Type.String()),
  use_classic_parameter_flow: maybe(Type.Boolean()),
  disable_module_cache: maybe(Type.Boolean()),
})
export type UpdateTemplateRequest = Static<typeof UpdateTemplateRequest>

export const UpdateActiveTemplateVersionRequest = Type.Object({ id: Uuid })
export type UpdateActiveTemplateVersionRequest = Static<typeof UpdateActiveTemplateVersionRequest>

const TemplateParams = Type.Object({ template: Uuid })

export const listTemplates = endpoint({
  method: 'GET',
  path: '/api/v2/templates',
  summary: 'Lists the templates the caller may see, of all organizations',
  access: user('list', 'template'),
  query: Type.Object({ q: Type.Optional(Type.String()) }),
  responses: { 200: Type.Array(Template) },
})

export const listTemplatesOfOrganization = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/templates',
  summary: 'Lists the templates of an organization',
  access: user('list', 'template'),
  params: OrganizationParams,
  query: Type.Object({ q: Type.Optional(Type.String()) }),
  responses: { 200: Type.Array(Template) },
})

export const createTemplate = endpoint({
  method: 'POST',
  path: '/api/v2/organizations/:organization/templates',
  summary: 'Makes a template around a version that was imported without one',
  access: user('create', 'template'),
  params: OrganizationParams,
  body: CreateTemplateRequest,
  responses: { 201: Template },
})

export const getTemplateByName = endpoint({
  method: 'GET',
  path: '/api/v2/organizations/:organization/templates/:templatename',
  summary: 'Gives a template by its name',
  access: user('read', 'template'),
  params: Type.Object({ organization: Type.String(), templatename: Type.String() }),
  responses: { 200: Template },
})

export const listTemplateExamples = endpoint({
  method: 'GET',
  path: '/api/v2/templates/examples',
  summary: 'Lists the starter templates that come with the deployment',
  access: user('list', 'template'),
  responses: { 200: Type.Array(TemplateExample) },
})

export const getTemplate = endpoint({
  method: 'GET',
  path: '/api/v2/templates/:template',
  summary: 'Gives a template',
  access: user('read', 'template'),
  params: TemplateParams,
  responses: { 200: Template },
})

export const updateTemplate = endpoint({
  method: 'PATCH',
  path: '/api/v2/templates/:template',
  summary: "Changes a template's settings; what is left out stays",
  access: user('update', 'template'),
  params: TemplateParams,
  body: UpdateTemplateRequest,
  responses: { 200: Template },
})

export const deleteTemplate = endpoint({
  method: 'DELETE',
  path: '/api/v2/templates/:template',
  summary: 'Deletes a template that no workspace is made from any more',
  access: user('delete', 'template'),
  params: TemplateParams,
  responses: { 200: Response },
})

export const listTemplateVersions = endpoint({
  method: 'GET',
  path: '/api/v2/templates/:template/versions',
  summary: "Lists a template's versions in pages",
  access: user('read', 'template'),
  params: TemplateParams,
  query: Type.Object({ ...paginationQuery, include_archived: Type.Optional(Type.Boolean()) }),
  responses: { 200: Type.Array(TemplateVersion) },
})

export const getTemplateVersionByName = endpoint({
  method: 'GET',
  path: '/api/v2/templates/:template/versions/:templateversionname',
  summary: "Gives one of a template's versions by its name",
  access: user('read', 'template'),
  params: Type.Object({ template: Uuid, templateversionname: Type.String() }),
  responses: { 200: TemplateVersion },
})

export const promoteTemplateVersion = endpoint({
  method: 'PATCH',
  path: '/api/v2/templates/:template/versions',
  summary: 'Makes a successfully imported version the one that new builds use',
  access: user('update', 'template'),
  params: TemplateParams,
  body: UpdateActiveTemplateVersionRequest,
  responses: { 200: Response },
})
