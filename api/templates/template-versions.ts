// Template versions: an archive, imported by a job that extracts parameters, variables, presets and resources.

import { type Static, Type } from 'typebox'
import { maybe, NamedValue, nullable, oneOf, Response, Timestamp, Uuid, VersionName } from '../common.ts'
import { endpoint, user } from '../endpoint.ts'
import { OrganizationParams } from '../organizations/organizations.ts'
import {
  FollowLogsQuery,
  LogsQuery,
  MatchedProvisioners,
  ProvisionerJob,
  ProvisionerJobLog,
  ProvisionerTags,
} from '../organizations/provisioner-jobs.ts'
import { MinimalUser } from '../user-fields.ts'
import { WorkspaceResource } from '../workspaces/builds.ts'

export const TemplateVersion = Type.Object({
  id: Uuid,
  /** The zero ID until a template is created from the version. */
  template_id: Uuid,
  organization_id: Uuid,
  created_at: Timestamp,
  updated_at: Timestamp,
  name: Type.String(),
  message: Type.String(),
  job: ProvisionerJob,
  readme: Type.String(),
  created_by: MinimalUser,
  archived: Type.Boolean(),
  warnings: Type.Optional(Type.Array(oneOf(['UNSUPPORTED_WORKSPACES']))),
  matched_provisioners: Type.Optional(MatchedProvisioners),
  has_external_agent: Type.Boolean(),
})
export type TemplateVersion = Static<typeof TemplateVersion>

/** Either `file_id` or `example_id`; zero IDs are treated as absent. */
export const CreateTemplateVersionRequest = Type.Object({
  name: maybe(VersionName),
  message: maybe(Type.String({ maxLength: 1_048_576 })),
  template_id: maybe(Uuid),
  storage_method: oneOf(['file']),
  file_id: maybe(Uuid),
  example_id: maybe(Type.String()),
  provisioner: oneOf(['terraform']),
  tags: maybe(ProvisionerTags),
  user_variable_values: maybe(Type.Array(NamedValue)),
})
export type CreateTemplateVersionRequest = Static<typeof CreateTemplateVersionRequest>

export const TemplateVersionParameterOption = Type.Object({
  name: Type.String(),
  description: Type.String(),
  value: Type.String(),
  icon: Type.String(),
})
export type TemplateVersionParameterOption = Static<typeof TemplateVersionParameterOption>

export const ParameterType = oneOf(['string', 'number', 'bool', 'list(string)'])
export type ParameterType = Static<typeof ParameterType>

export const ParameterFormType = oneOf([
  '',
  'radio',
  'dropdown',
  'input',
  'textarea',
  'slider',
  'checkbox',
  'switch',
  'tag-select',
  'multi-select',
  'error',
])
export type ParameterFormType = Static<typeof ParameterFormType>

export const TemplateVersionParameter = Type.Object({
  name: Type.String(),
  display_name: Type.Optional(Type.String()),
  description: Type.String(),
  description_plaintext: Type.String(),
  type: ParameterType,
  form_type: ParameterFormType,
  mutable: Type.Boolean(),
  default_value: Type.String(),
  icon: Type.String(),
  options: Type.Array(TemplateVersionParameterOption),
  validation_error: Type.Optional(Type.String()),
  validation_regex: Type.Optional(Type.String()),
  validation_min: Type.Optional(Type.Integer()),
  validation_max: Type.Optional(Type.Integer()),
  validation_monotonic: Type.Optional(oneOf(['increasing', 'decreasing'])),
  required: Type.Boolean(),
  ephemeral: Type.Boolean(),
})
export type TemplateVersionParameter = Static<typeof TemplateVersionParameter>

/** Values of sensitive variables are empty. Types other than number and bool are strings, lists are JSON. */
export const TemplateVersionVariable = Type.Object({
  name: Type.String(),
  description: Type.String(),
  type: oneOf(['string', 'number', 'bool']),
  value: Type.String(),
  default_value: Type.String(),
  required: Type.Boolean(),
  sensitive: Type.Boolean(),
})
export type TemplateVersionVariable = Static<typeof TemplateVersionVariable>

/** The keys are capitalized on the wire, here and in `Preset`. */
export const PresetParameter = Type.Object({ Name: Type.String(), Value: Type.String() })
export type PresetParameter = Static<typeof PresetParameter>

export const Preset = Type.Object({
  ID: Uuid,
  Name: Type.String(),
  Parameters: Type.Array(PresetParameter),
  Default: Type.Boolean(),
  DesiredPrebuildInstances: nullable(Type.Integer()),
  Description: Type.String(),
  Icon: Type.String(),
})
export type Preset = Static<typeof Preset>

export const TemplateVersionExternalAuth = Type.Object({
  id: Type.String(),
  type: Type.String(),
  display_name: Type.String(),
  display_icon: Type.String(),
  authenticate_url: Type.String(),
  authenticated: Type.Boolean(),
  optional: Type.Optional(Type.Boolean()),
})
export type TemplateVersionExternalAuth = Static<typeof TemplateVersionExternalAuth>

/** An empty name leaves it unchanged. */
export const PatchTemplateVersionRequest = Type.Object({
  name: maybe(VersionName),
  message: maybe(Type.String({ maxLength: 1_048_576 })),
})
export type PatchTemplateVersionRequest = Static<typeof PatchTemplateVersionRequest>

/** Legacy parameters, requested by older clients; always empty. */
const LegacyParameter = Type.Object({})

export const CreateTemplateVersionDryRunRequest = Type.Object({
  /** Empty if there is no name yet. */
  workspace_name: maybe(Type.String({ maxLength: 32 })),
  rich_parameter_values: maybe(Type.Array(NamedValue)),
  user_variable_values: maybe(Type.Array(NamedValue)),
})
export type CreateTemplateVersionDryRunRequest = Static<typeof CreateTemplateVersionDryRunRequest>

/** An optional string: `valid` is false if it is missing or not yet known. */
const NullableText = Type.Object({ value: Type.String(), valid: Type.Boolean() })

export const FriendlyDiagnostic = Type.Object({
  severity: oneOf(['error', 'warning']),
  summary: Type.String(),
  detail: Type.String(),
  /** `required` if only a value is missing: clients hide the diagnostic until the field was edited. */
  extra: Type.Object({
    code: Type.String(),
    /** For problems in the template: the full text as in logs, with the source line and a caret. */
    in_full: Type.Optional(Type.String()),
  }),
})
export type FriendlyDiagnostic = Static<typeof FriendlyDiagnostic>

export const PreviewParameter = Type.Object({
  name: Type.String(),
  display_name: Type.String(),
  description: Type.String(),
  type: ParameterType,
  form_type: ParameterFormType,
  styling: Type.Object({
    placeholder: Type.Optional(Type.String()),
    disabled: Type.Optional(Type.Boolean()),
    label: Type.Optional(Type.String()),
    mask_input: Type.Optional(Type.Boolean()),
  }),
  mutable: Type.Boolean(),
  default_value: NullableText,
  icon: Type.String(),
  options: Type.Array(
    Type.Object({ name: Type.String(), description: Type.String(), value: NullableText, icon: Type.String() }),
  ),
  validations: Type.Array(
    Type.Object({
      validation_error: Type.String(),
      validation_regex: nullable(Type.String()),
      validation_min: nullable(Type.Integer()),
      validation_max: nullable(Type.Integer()),
      validation_monotonic: nullable(Type.String()),
    }),
  ),
  required: Type.Boolean(),
  order: Type.Integer(),
  ephemeral: Type.Boolean(),
  value: NullableText,
  diagnostics: Type.Array(FriendlyDiagnostic),
})
export type PreviewParameter = Static<typeof PreviewParameter>

/** The current values. IDs ascend; the owner defaults to the caller. */
export const DynamicParametersRequest = Type.Object({
  id: maybe(Type.Integer()),
  inputs: maybe(Type.Record(Type.String(), Type.String())),
  owner_id: maybe(Uuid),
})
export type DynamicParametersRequest = Static<typeof DynamicParametersRequest>

/** The resulting form. The first response is sent unprompted with ID -1. */
export const DynamicParametersResponse = Type.Object({
  id: Type.Integer(),
  diagnostics: Type.Array(FriendlyDiagnostic),
  parameters: Type.Array(PreviewParameter),
})
export type DynamicParametersResponse = Static<typeof DynamicParametersResponse>

const VersionParams = Type.Object({ templateversion: Uuid })
const DryRunParams = Type.Object({ templateversion: Uuid, jobID: Uuid })

export const createTemplateVersion = endpoint({
  method: 'POST',
  path: '/api/v2/organizations/:organization/templateversions',
  summary: 'Create a template version by importing an archive or a starter template.',
  // A new version changes its template; a version without a template needs the permission to create one.
  access: user('update', 'template'),
  params: OrganizationParams,
  body: CreateTemplateVersionRequest,
  responses: { 201: TemplateVersion },
})

export const getTemplateVersion = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion',
  summary: 'Get a template version with the status of its import.',
  access: user('read', 'template'),
  params: VersionParams,
  responses: { 200: TemplateVersion },
})

export const updateTemplateVersion = endpoint({
  method: 'PATCH',
  path: '/api/v2/templateversions/:templateversion',
  summary: 'Update the name or message of a template version.',
  access: user('update', 'template'),
  params: VersionParams,
  body: PatchTemplateVersionRequest,
  responses: { 200: TemplateVersion },
})

export const archiveTemplateVersion = endpoint({
  method: 'POST',
  path: '/api/v2/templateversions/:templateversion/archive',
  summary: 'Archive a template version that is not in use.',
  access: user('update', 'template'),
  params: VersionParams,
  responses: { 200: Response },
})

export const unarchiveTemplateVersion = endpoint({
  method: 'POST',
  path: '/api/v2/templateversions/:templateversion/unarchive',
  summary: 'Unarchive a template version.',
  access: user('update', 'template'),
  params: VersionParams,
  responses: { 200: Response },
})

export const cancelTemplateVersion = endpoint({
  method: 'PATCH',
  path: '/api/v2/templateversions/:templateversion/cancel',
  summary: 'Cancel a running or pending import.',
  access: user('update', 'template'),
  params: VersionParams,
  responses: { 200: Response },
})

export const getTemplateVersionLogs = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/logs',
  summary: 'List the log lines of an import.',
  access: user('read', 'template'),
  params: VersionParams,
  query: LogsQuery,
  responses: { 200: Type.Array(ProvisionerJobLog) },
})

export const followTemplateVersionLogs = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/logs',
  summary: 'Stream the log lines of an import, one per frame, until it finishes.',
  access: user('read', 'template'),
  params: VersionParams,
  query: FollowLogsQuery,
  responses: { 101: ProvisionerJobLog },
  upgrade: true,
})

export const getTemplateVersionResources = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/resources',
  summary: 'List the resources of a workspace of this version, for start and stop.',
  access: user('read', 'template'),
  params: VersionParams,
  responses: { 200: Type.Array(WorkspaceResource) },
})

export const getRichParameters = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/rich-parameters',
  summary: 'List the rich parameters of a template version. Returns 425 until the import finishes.',
  access: user('read', 'template'),
  params: VersionParams,
  responses: { 200: Type.Array(TemplateVersionParameter) },
})

export const getTemplateVersionVariables = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/variables',
  summary: 'List the template variables that the importing user sets.',
  access: user('read', 'template'),
  params: VersionParams,
  responses: { 200: Type.Array(TemplateVersionVariable) },
})

export const getTemplateVersionPresets = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/presets',
  summary: 'List the presets of a template version, or null if it has none.',
  access: user('read', 'template'),
  params: VersionParams,
  responses: { 200: nullable(Type.Array(Preset)) },
})

export const getTemplateVersionExternalAuth = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/external-auth',
  summary: 'List the external accounts that the version requires, and whether the caller has linked them.',
  access: user('read', 'template'),
  params: VersionParams,
  responses: { 200: Type.Array(TemplateVersionExternalAuth) },
})

export const getLegacySchema = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/schema',
  summary: 'List legacy parameters (always empty).',
  access: user('read', 'template'),
  params: VersionParams,
  responses: { 200: Type.Array(LegacyParameter) },
})

export const getLegacyParameters = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/parameters',
  summary: 'List legacy parameter schemas (always empty).',
  access: user('read', 'template'),
  params: VersionParams,
  responses: { 200: Type.Array(LegacyParameter) },
})

export const openDynamicParameters = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/dynamic-parameters',
  summary: 'Evaluate the parameter form after each frame of values. Returns 425 until the import finishes.',
  access: user('read', 'template'),
  params: VersionParams,
  query: Type.Object({ user_id: Type.Optional(Type.String()) }),
  responses: { 101: DynamicParametersResponse },
  upgrade: true,
})

export const evaluateDynamicParameters = endpoint({
  method: 'POST',
  path: '/api/v2/templateversions/:templateversion/dynamic-parameters/evaluate',
  summary: 'Evaluate the parameter form once with the given values. Returns 425 until the import finishes.',
  access: user('read', 'template'),
  params: VersionParams,
  body: DynamicParametersRequest,
  responses: { 200: DynamicParametersResponse },
})

export const createDryRun = endpoint({
  method: 'POST',
  path: '/api/v2/templateversions/:templateversion/dry-run',
  summary: 'Create a dry run, which plans a workspace with the given values without building it.',
  access: user('use', 'template'),
  params: VersionParams,
  body: CreateTemplateVersionDryRunRequest,
  responses: { 201: ProvisionerJob },
})

export const getDryRun = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/dry-run/:jobID',
  summary: 'Get the job of a dry run.',
  access: user('use', 'template'),
  params: DryRunParams,
  responses: { 200: ProvisionerJob },
})

export const getDryRunMatchedProvisioners = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/dry-run/:jobID/matched-provisioners',
  summary: 'Count the provisioner daemons that match a dry run.',
  access: user('use', 'template'),
  params: DryRunParams,
  responses: { 200: MatchedProvisioners },
})

export const getDryRunResources = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/dry-run/:jobID/resources',
  summary: 'List the resources planned by a dry run. Returns 412 until it finishes.',
  access: user('use', 'template'),
  params: DryRunParams,
  responses: { 200: Type.Array(WorkspaceResource) },
})

export const getDryRunLogs = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/dry-run/:jobID/logs',
  summary: 'List the log lines of a dry run.',
  access: user('use', 'template'),
  params: DryRunParams,
  query: LogsQuery,
  responses: { 200: Type.Array(ProvisionerJobLog) },
})

export const followDryRunLogs = endpoint({
  method: 'GET',
  path: '/api/v2/templateversions/:templateversion/dry-run/:jobID/logs',
  summary: 'Stream the log lines of a dry run, one per frame, until it finishes.',
  access: user('use', 'template'),
  params: DryRunParams,
  query: FollowLogsQuery,
  responses: { 101: ProvisionerJobLog },
  upgrade: true,
})

export const cancelDryRun = endpoint({
  method: 'PATCH',
  path: '/api/v2/templateversions/:templateversion/dry-run/:jobID/cancel',
  summary: 'Cancel a dry run.',
  access: user('use', 'template'),
  params: DryRunParams,
  responses: { 200: Response },
})
