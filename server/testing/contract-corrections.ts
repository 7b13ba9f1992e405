// Corrections of Coder's API description: optional and nullable keys, message types of streams, and our additional keys.
// A key without an entry in these tables is required and not null.

type KeysByType = Readonly<Record<string, string>>

/** Keys omitted when empty. */
const optionalKeys: KeysByType = {
  'codersdk.AppearanceConfig': 'support_links',
  'codersdk.AuditDiffField': 'old new',
  'codersdk.AuditLog': 'organization',
  'codersdk.AuthMethods': 'terms_of_service_url',
  'codersdk.BannerConfig': 'message background_color',
  'codersdk.BuildInfoResponse': 'webpush_public_key',
  'codersdk.ConnectionLog': 'ip web_info ssh_info',
  'codersdk.ConnectionLogSSHInfo': 'disconnect_time disconnect_reason exit_code',
  'codersdk.DeploymentConfig': 'config options',
  'codersdk.GroupSyncSettings': 'legacy_group_name_mapping',
  'codersdk.Feature': 'limit actual usage_period soft_limit',
  'codersdk.LinkConfig': 'location',
  'codersdk.MatchedProvisioners': 'most_recently_seen',
  'codersdk.MinimalUser': 'name avatar_url',
  'codersdk.OrganizationMemberWithUserData': 'name avatar_url',
  'codersdk.PreviewParameterStyling': 'placeholder disabled label mask_input',
  'codersdk.ProvisionerDaemon': 'last_seen_at',
  'codersdk.ProvisionerJob':
    'started_at completed_at canceled_at error error_code worker_id worker_name available_workers',
  'codersdk.ProvisionerJobInput': 'template_version_id workspace_build_id error',
  'codersdk.ProvisionerJobMetadata': 'workspace_id workspace_name workspace_build_transition',
  'codersdk.ReducedUser': 'name avatar_url theme_preference last_seen_at',
  'codersdk.Response': 'detail validations',
  'codersdk.Role': 'organization_id',
  'codersdk.AssignableRoles': 'organization_id',
  'codersdk.ServerSentEvent': 'data',
  'codersdk.SharedWorkspaceActor': 'avatar_url',
  'codersdk.SlimRole': 'organization_id',
  'codersdk.Task': 'owner_avatar_url workspace_status workspace_build_number',
  'codersdk.TaskLogsResponse': 'snapshot snapshot_at',
  'codersdk.TemplateInsightsResponse': 'report interval_reports',
  'codersdk.TemplateParameterUsage': 'options',
  'codersdk.TemplateUser': 'name avatar_url theme_preference last_seen_at',
  'codersdk.TemplateVersion': 'warnings matched_provisioners',
  'codersdk.TemplateVersionExternalAuth': 'optional',
  'codersdk.TemplateVersionParameter':
    'display_name validation_error validation_regex validation_min validation_max validation_monotonic',
  'codersdk.User': 'name avatar_url theme_preference last_seen_at',
  'codersdk.Workspace': 'autostart_schedule ttl_ms shared_with',
  'codersdk.WorkspaceAgent':
    'first_connected_at last_connected_at disconnected_at started_at ready_at instance_id directory expanded_directory latency',
  'codersdk.WorkspaceAgentContainerPort': 'host_ip host_port',
  'codersdk.WorkspaceAgentDevcontainer': 'config_path subagent_id container agent error',
  'codersdk.WorkspaceAgentHealth': 'reason',
  'codersdk.WorkspaceAgentListContainersResponse': 'warnings',
  'codersdk.WorkspaceAgentScript': 'exit_code status',
  'codersdk.WorkspaceApp': 'url display_name command icon subdomain_name group tooltip',
  'codersdk.WorkspaceBuild': 'workspace_owner_name workspace_owner_avatar_url has_ai_task has_external_agent',
  'codersdk.WorkspaceResource': 'agents metadata',
  'codersdk.WorkspaceUser': 'name avatar_url',
  'healthsdk.AccessURLReport': 'error',
  'healthsdk.DERPHealthReport': 'error netcheck netcheck_err',
  'healthsdk.DERPNodeReport': 'error',
  'healthsdk.DERPRegionReport': 'error',
  'healthsdk.DatabaseReport': 'error',
  'healthsdk.ProvisionerDaemonsReport': 'error',
  'healthsdk.WebsocketReport': 'error',
  'healthsdk.WorkspaceProxyReport': 'error',
}

/** Types with only optional keys: settings are omitted unless set. */
const optionalTypes =
  /^(codersdk\.(DeploymentValues|[A-Za-z0-9]*Config|DERP|SessionLifetime)|serpent\.|url\.|tailcfg\.|netcheck\.)/

/** Nil pointers and null times of Go. Empty lists are null only for keys in this table. */
const nullableKeys: KeysByType = {
  'codersdk.AuditLog': 'user',
  'codersdk.ConnectionLogWebInfo': 'user',
  'codersdk.ExternalAuth': 'user',
  'codersdk.GroupSyncSettings': 'regex_filter',
  'codersdk.InboxNotification': 'read_at',
  'codersdk.MatchedProvisioners': 'most_recently_seen',
  'codersdk.NotificationTemplate': 'method',
  'codersdk.Preset': 'Parameters DesiredPrebuildInstances',
  'codersdk.PreviewParameterValidation': 'validation_regex validation_min validation_max validation_monotonic',
  'codersdk.ProvisionerDaemon': 'last_seen_at key_name status current_job previous_job',
  'codersdk.Task':
    'workspace_id workspace_agent_id workspace_agent_lifecycle workspace_agent_health workspace_app_id current_state',
  'codersdk.TransitionStats': 'P50 P95',
  'codersdk.Workspace': 'deleting_at dormant_at next_start_at latest_app_status task_id',
  'codersdk.WorkspaceAgent': 'parent_id environment_variables',
  'codersdk.WorkspaceBuild': 'deadline max_deadline template_version_preset_id',
  'healthsdk.DERPHealthReport': 'netcheck',
  'healthsdk.DERPNodeReport': 'node',
  'healthsdk.DERPRegionReport': 'region',
}

/** Our additional keys; clients ignore unknown keys. */
const additionalKeys: KeysByType = {
  'codersdk.BuildInfoResponse': 'coder_local_version',
  'codersdk.DiagnosticExtra': 'in_full',
  // Returned by Coder in lists of tokens, but missing in its description.
  'codersdk.APIKey': 'username',
  'healthsdk.DatabaseReport': 'version connections max_connections database_bytes free_disk_bytes',
  'healthsdk.HealthcheckReport': 'agents',
}

/** Types whose description differs from the wire format. */
export const correctedTypes: Readonly<Record<string, unknown>> = {
  // Encoded as a string: `workspace:*`.
  'codersdk.APIAllowListTarget': 'string',
  'uuid.NullUUID': 'uuid',
  'regexp.Regexp': 'string',
  // Encoded as their contents.
  'serpent.URL': 'string',
  'serpent.HostPort': 'string',
  'serpent.Regexp': 'string',
  'serpent.Struct-array_codersdk_LinkConfig': { list: '#codersdk.LinkConfig' },
  'serpent.Struct-array_codersdk_ExternalAuthConfig': { list: '#codersdk.ExternalAuthConfig' },
  // Without JSON names, so that Go encodes the field names.
  'codersdk.SSHConfig': { keys: { DeploymentName: 'string', SSHConfigOptions: { list: 'string' } } },
  'tailcfg.DERPMap': { keys: { Regions: { map: 'any' } } },
  'codersdk.WorkspaceConnectionLatencyMS': { keys: { P50: 'number', P95: 'number' } },
  // The description omits the reasons of scheduled builds and of tasks.
  'codersdk.BuildReason': {
    enum: [
      'initiator',
      'autostart',
      'autostop',
      'dormancy',
      'dashboard',
      'cli',
      'ssh_connection',
      'vscode_connection',
      'jetbrains_connection',
      'autodelete',
      'failedstop',
      'task_auto_pause',
      'task_manual_pause',
      'task_resume',
    ],
  },
  'codersdk.Preset': {
    keys: {
      ID: 'uuid',
      Name: 'string',
      Parameters: { list: '#codersdk.PresetParameter' },
      Default: 'boolean',
      DesiredPrebuildInstances: 'integer',
      Description: 'string',
      Icon: 'string',
    },
  },
  'codersdk.PresetParameter': { keys: { Name: 'string', Value: 'string' } },
  'codersdk.TransitionStats': { keys: { P50: 'integer', P95: 'integer' } },
}

/** Keys whose described type is wrong. */
export const correctedKeys: Readonly<Record<string, unknown>> = {
  // The name of the example.
  'codersdk.TemplateExample.id': 'string',
  // Empty for scopes other than the two legacy ones.
  'codersdk.APIKey.scope': 'string',
  'codersdk.APIKeyWithOwner.scope': 'string',
  // `*` stands for all actions.
  'codersdk.Permission.action': 'string',
}

/** The type of a stream's messages, or of the `data` of its server-sent events. */
export const streamTypes: Readonly<Record<string, { readonly message?: unknown; readonly data?: unknown }>> = {
  'GET /api/v2/workspaces/{workspace}/watch': { data: '#codersdk.Workspace' },
  'GET /api/v2/workspaces/{workspace}/watch-ws': { data: '#codersdk.Workspace' },
  'GET /api/v2/workspacebuilds/{workspacebuild}/logs': { message: '#codersdk.ProvisionerJobLog' },
  'GET /api/v2/templateversions/{templateversion}/logs': { message: '#codersdk.ProvisionerJobLog' },
  'GET /api/v2/templateversions/{templateversion}/dry-run/{jobID}/logs': { message: '#codersdk.ProvisionerJobLog' },
  'GET /api/v2/templateversions/{templateversion}/dynamic-parameters': {
    message: '#codersdk.DynamicParametersResponse',
  },
  'GET /api/v2/workspaceagents/{workspaceagent}/logs': { message: { list: '#codersdk.WorkspaceAgentLog' } },
  'GET /api/v2/workspaceagents/{workspaceagent}/containers/watch': {
    message: '#codersdk.WorkspaceAgentListContainersResponse',
  },
  'GET /api/v2/notifications/inbox/watch': { message: '#codersdk.GetInboxNotificationResponse' },
}

/** Responses whose description is wrong, with the type that Coder's clients read. */
export const correctedResponses: Readonly<Record<string, unknown>> = {
  // The raw state.
  'GET /api/v2/workspacebuilds/{workspacebuild}/state': 'any',
  'GET /api/v2/external-auth': { keys: { providers: { list: 'any' }, links: { list: '#codersdk.ExternalAuthLink' } } },
  'GET /api/v2/templates/{template}/acl/available': '#codersdk.ACLAvailable',
  'GET /api/v2/templates/{template}/versions/{templateversionname}': '#codersdk.TemplateVersion',
  'POST /api/v2/templates/{template}/versions/archive': {
    keys: { message: 'string', template_id: 'uuid', archived_ids: { list: 'uuid' } },
  },
  'GET /api/v2/workspaceproxies': '#codersdk.RegionsResponse-codersdk_WorkspaceProxy',
  'POST /api/v2/organizations/{organization}/members/roles': '#codersdk.Role',
  'PUT /api/v2/organizations/{organization}/members/roles': '#codersdk.Role',
  'GET /api/v2/experiments/available': { keys: { safe: { list: 'string' } } },
  'GET /api/v2/users/{user}/roles': {
    keys: { roles: { list: 'string' }, organization_roles: { map: { list: 'string' } } },
  },
  'GET /api/v2/users/{user}/quiet-hours': '#codersdk.UserQuietHoursScheduleResponse',
  'PUT /api/v2/users/{user}/quiet-hours': '#codersdk.UserQuietHoursScheduleResponse',
  'GET /api/v2/organizations/{organization}/paginated-members': '#codersdk.PaginatedMembersResponse',
  'GET /api/v2/notifications/dispatch-methods': '#codersdk.NotificationMethodsResponse',
  'PUT /api/v2/notifications/inbox/{id}/read-status': '#codersdk.GetInboxNotificationResponse',
}

/** Responses that are null when empty: a list of presets. */
export const nullableResponses: readonly string[] = ['GET /api/v2/templateversions/{templateversion}/presets']

/** Success statuses that Coder's description omits. */
export const undocumentedStatuses: Readonly<Record<string, readonly number[]>> = {
  'DELETE /api/v2/organizations/{organization}/members/roles/{roleName}': [204],
  'POST /api/v2/notifications/test': [204],
  'POST /api/v2/organizations/{organization}/members/{user}/workspaces': [201],
  'POST /api/v2/organizations/{organization}/templates': [201],
  'POST /api/v2/users/{user}/workspaces': [201],
  'POST /api/v2/workspaceagents/me/log-source': [201],
  'POST /api/v2/workspaces/{workspace}/builds': [201],
  'PUT /api/v2/debug/health/settings': [204],
}

const includesKey = (table: KeysByType, type: string, key: string) => (table[type] ?? '').split(' ').includes(key)

export const isOptionalKey = (type: string, key: string) =>
  optionalTypes.test(type) || includesKey(optionalKeys, type, key)
/** Coder omits the string when it is empty. Values in audit log entries are arbitrary and can be empty. */
export const isOmittedWhenEmpty = (type: string, key: string) =>
  type !== 'codersdk.AuditDiffField' && includesKey(optionalKeys, type, key)
export const isNullableKey = (type: string, key: string) =>
  optionalTypes.test(type) || includesKey(nullableKeys, type, key)
export const isAdditionalKey = (type: string, key: string) => includesKey(additionalKeys, type, key)
