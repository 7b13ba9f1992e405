// Table of notification templates, with Coder's IDs. A text refers to its labels as `{{.Labels.workspace}}`; the type
// system derives the required labels from the text. Label names are Coder's, because webhook receivers read them.

export interface NotificationTemplate {
  readonly id: string
  readonly name: string
  readonly group:
    | 'Workspace Events'
    | 'User Events'
    | 'Template Events'
    | 'Task Events'
    | 'Notification Events'
    | 'Custom Events'
  readonly kind: 'system' | 'custom'
  readonly title: string
  /** Markdown. */
  readonly body: string
  readonly actions: readonly { readonly label: string; readonly url: string }[]
  readonly icon: Icon
  readonly enabledByDefault: boolean
  /** Sent by mail only: contains credentials. */
  readonly isExcludedFromInbox?: boolean
}

/** Icon names of dashboards. */
type Icon = 'DEFAULT_ICON_WORKSPACE' | 'DEFAULT_ICON_ACCOUNT' | 'DEFAULT_ICON_TEMPLATE' | 'DEFAULT_ICON_OTHER'

const viewWorkspace = { label: 'View workspace', url: '{{base_url}}/@{{.UserUsername}}/{{.Labels.workspace}}' } as const
const viewNamed = { label: 'View workspace', url: '{{base_url}}/@{{.UserUsername}}/{{.Labels.name}}' } as const
const viewTemplate = {
  label: 'View template',
  url: '{{base_url}}/templates/{{.Labels.organization}}/{{.Labels.template}}',
} as const
const viewPrebuilt = {
  label: 'View template',
  url: '{{base_url}}/templates/{{.Labels.org}}/{{.Labels.template}}',
} as const
const viewAccounts = { label: 'View accounts', url: '{{base_url}}/deployment/users?filter=status%3Aactive' } as const
const viewSuspended = {
  label: 'View suspended accounts',
  url: '{{base_url}}/deployment/users?filter=status%3Asuspended',
} as const
const viewTask = { label: 'View task', url: '{{base_url}}/tasks/{{.UserUsername}}/{{.Labels.workspace}}' } as const

const ofWorkspace = {
  group: 'Workspace Events',
  kind: 'system',
  icon: 'DEFAULT_ICON_WORKSPACE',
  enabledByDefault: true,
} as const
const ofUser = { group: 'User Events', kind: 'system', icon: 'DEFAULT_ICON_ACCOUNT', enabledByDefault: true } as const
const ofTemplate = {
  group: 'Template Events',
  kind: 'system',
  icon: 'DEFAULT_ICON_TEMPLATE',
  enabledByDefault: true,
} as const
const ofTask = {
  group: 'Task Events',
  kind: 'system',
  icon: 'DEFAULT_ICON_WORKSPACE',
  enabledByDefault: false,
} as const

export const notificationTemplates = {
  workspaceCreated: {
    ...ofWorkspace,
    id: '281fdf73-c6d6-4cbb-8ff5-888baf8a2fff',
    name: 'Workspace Created',
    title: 'Workspace "{{.Labels.workspace}}" was created',
    body: 'The workspace **{{.Labels.workspace}}** was created from version **{{.Labels.version}}** of the template **{{.Labels.template}}**.',
    actions: [
      { label: 'View workspace', url: '{{base_url}}/@{{.Labels.workspace_owner_username}}/{{.Labels.workspace}}' },
    ],
    // The initiator is not notified.
    enabledByDefault: false,
  },
  workspaceManuallyUpdated: {
    ...ofWorkspace,
    id: 'd089fe7b-d5c5-4c0c-aaf5-689859f7d392',
    name: 'Workspace Manually Updated',
    title: 'Workspace "{{.Labels.workspace}}" was updated',
    body: '**{{.Labels.initiator}}** updated the workspace **{{.Labels.workspace}}** to version **{{.Labels.version}}** of the template **{{.Labels.template}}**.',
    actions: [
      { label: 'View workspace', url: '{{base_url}}/@{{.Labels.workspace_owner_username}}/{{.Labels.workspace}}' },
      {
        label: 'View version',
        url: '{{base_url}}/templates/{{.Labels.organization}}/{{.Labels.template}}/versions/{{.Labels.version}}',
      },
    ],
    enabledByDefault: false,
  },
  workspaceDeleted: {
    ...ofWorkspace,
    id: 'f517da0b-cdc9-410f-ab89-a86107c420ed',
    name: 'Workspace Deleted',
    title: 'Workspace "{{.Labels.name}}" was deleted',
    body: 'Your workspace **{{.Labels.name}}** was deleted by **{{.Labels.initiator}}**. Reason: {{.Labels.reason}}.',
    actions: [
      { label: 'View workspaces', url: '{{base_url}}/workspaces' },
      { label: 'View templates', url: '{{base_url}}/templates' },
    ],
  },
  workspaceAutobuildFailed: {
    ...ofWorkspace,
    id: '381df2a9-c0c0-4749-420f-80a9280c66f9',
    name: 'Workspace Autobuild Failed',
    title: 'An automatic build of workspace "{{.Labels.name}}" failed',
    body: 'A scheduled build of your workspace **{{.Labels.name}}** failed. Reason: {{.Labels.reason}}. See the build log for details.',
    actions: [viewNamed],
  },
  workspaceDormant: {
    ...ofWorkspace,
    id: '0ea69165-ec14-4314-91f1-69566ac3c5a0',
    name: 'Workspace Marked as Dormant',
    title: 'Workspace "{{.Labels.name}}" is dormant',
    body: 'Your workspace **{{.Labels.name}}** is now dormant because it {{.Labels.reason}}. Start the workspace to activate it. Time until deletion: {{.Labels.timeTilDormant}}.',
    actions: [viewNamed],
  },
  workspaceAutoUpdated: {
    ...ofWorkspace,
    id: 'c34a0c09-0704-4cac-bd1c-0c0146811c2b',
    name: 'Workspace Updated Automatically',
    title: 'Workspace "{{.Labels.name}}" was updated automatically',
    body: 'Your workspace **{{.Labels.name}}** was updated to version **{{.Labels.template_version_name}}** of its template. Version message: {{.Labels.template_version_message}}',
    actions: [viewNamed],
  },
  workspaceMarkedForDeletion: {
    ...ofWorkspace,
    id: '51ce2fdf-c9ca-4be1-8d70-628674f9bc42',
    name: 'Workspace Marked for Deletion',
    title: 'Workspace "{{.Labels.name}}" will be deleted',
    body: 'Your workspace **{{.Labels.name}}** will be deleted in {{.Labels.timeTilDormant}} because it {{.Labels.reason}}. Use the workspace to prevent this.',
    actions: [viewNamed],
  },
  workspaceManualBuildFailed: {
    ...ofWorkspace,
    id: '2faeee0f-26cb-4e96-821c-85ccb9f71513',
    name: 'Workspace Manual Build Failed',
    title: 'A build of workspace "{{.Labels.name}}" failed',
    body: 'The build **{{.Labels.workspace_build_number}}** of the workspace **{{.Labels.name}}** of **{{.Labels.workspace_owner_username}}**, made with version **{{.Labels.template_version_name}}** of the template **{{.Labels.template_name}}** and started by **{{.Labels.initiator}}**, failed.',
    actions: [
      {
        label: 'View build',
        url: '{{base_url}}/@{{.Labels.workspace_owner_username}}/{{.Labels.name}}/builds/{{.Labels.workspace_build_number}}',
      },
    ],
  },
  workspaceOutOfMemory: {
    ...ofWorkspace,
    id: 'a9d027b4-ac49-4fb1-9f6d-45af15f64e7a',
    name: 'Workspace Out Of Memory',
    title: 'Workspace "{{.Labels.workspace}}" is low on memory',
    body: 'The workspace **{{.Labels.workspace}}** uses **{{.Labels.threshold}}** of its memory or more. Close programs that are not needed.',
    actions: [viewWorkspace],
  },
  workspaceOutOfDisk: {
    ...ofWorkspace,
    id: 'f047f6a3-5713-40f7-85aa-0394cce9fa3a',
    name: 'Workspace Out Of Disk',
    title: 'Workspace "{{.Labels.workspace}}" is low on disk space',
    body: 'The volumes **{{.Labels.volumes}}** of the workspace **{{.Labels.workspace}}** are nearly full. Delete files that are not needed.',
    actions: [viewWorkspace],
  },
  userAccountCreated: {
    ...ofUser,
    id: '4e19c0ac-94e1-4532-9515-d1801aa283b2',
    name: 'User account created',
    title: 'The account "{{.Labels.created_account_name}}" was created',
    body: '**{{.Labels.initiator}}** created an account for **{{.Labels.created_account_user_name}}**: **{{.Labels.created_account_name}}**.',
    actions: [viewAccounts],
  },
  userAccountDeleted: {
    ...ofUser,
    id: 'f44d9314-ad03-4bc8-95d0-5cad491da6b6',
    name: 'User account deleted',
    title: 'The account "{{.Labels.deleted_account_name}}" was deleted',
    body: '**{{.Labels.initiator}}** deleted the account **{{.Labels.deleted_account_name}}** of **{{.Labels.deleted_account_user_name}}**.',
    actions: [viewAccounts],
  },
  userAccountSuspended: {
    ...ofUser,
    id: 'b02ddd82-4733-4d02-a2d7-c36f3598997d',
    name: 'User account suspended',
    title: 'The account "{{.Labels.suspended_account_name}}" was suspended',
    body: '**{{.Labels.initiator}}** suspended the account **{{.Labels.suspended_account_name}}** of **{{.Labels.suspended_account_user_name}}**.',
    actions: [viewSuspended],
  },
  userAccountActivated: {
    ...ofUser,
    id: '9f5af851-8408-4e73-a7a1-c6502ba46689',
    name: 'User account activated',
    title: 'The account "{{.Labels.activated_account_name}}" was activated',
    body: '**{{.Labels.initiator}}** activated the account **{{.Labels.activated_account_name}}** of **{{.Labels.activated_account_user_name}}**.',
    actions: [viewAccounts],
  },
  yourAccountSuspended: {
    ...ofUser,
    id: '6a2f0609-9b69-4d36-a989-9f5925b6cbff',
    name: 'Your account has been suspended',
    title: 'Your account "{{.Labels.suspended_account_name}}" was suspended',
    body: '**{{.Labels.initiator}}** suspended your account **{{.Labels.suspended_account_name}}**. Contact them if you need access.',
    actions: [],
  },
  yourAccountActivated: {
    ...ofUser,
    id: '1a6a6bea-ee0a-43e2-9e7c-eabdb53730e4',
    name: 'Your account has been activated',
    title: 'Your account "{{.Labels.activated_account_name}}" was activated',
    body: '**{{.Labels.initiator}}** activated your account **{{.Labels.activated_account_name}}**.',
    actions: [{ label: 'Open the dashboard', url: '{{base_url}}' }],
  },
  oneTimePasscode: {
    ...ofUser,
    id: '62f86a30-2330-4b61-a26d-311ff3b608cf',
    name: 'One-Time Passcode',
    title: 'A new password for your account',
    body: 'A password reset was requested for your account. Follow the link below within 20 minutes to choose a new password. If you did not request it, ignore this message.',
    actions: [
      {
        label: 'Choose a new password',
        url: '{{base_url}}/reset-password/change?otp={{.Labels.one_time_passcode}}&email={{.UserEmail}}',
      },
    ],
    isExcludedFromInbox: true,
  },
  templateDeleted: {
    ...ofTemplate,
    id: '29a09665-2a4c-403f-9648-54301670e7be',
    name: 'Template Deleted',
    title: 'Template "{{.Labels.name}}" was deleted',
    body: 'The template **{{.Labels.name}}** was deleted by **{{.Labels.initiator}}**.',
    actions: [{ label: 'View templates', url: '{{base_url}}/templates' }],
  },
  templateDeprecated: {
    ...ofTemplate,
    id: 'f40fae84-55a2-42cd-99fa-b41c1ca64894',
    name: 'Template Deprecated',
    title: 'Template "{{.Labels.template}}" is deprecated',
    body: 'The template **{{.Labels.template}}** is deprecated and can no longer be used for new workspaces. Message from its administrators: {{.Labels.message}}',
    actions: [
      {
        label: 'View its workspaces',
        url: '{{base_url}}/workspaces?filter=owner%3Ame+template%3A{{.Labels.template}}',
      },
      viewTemplate,
    ],
  },
  workspaceBuildsFailedReport: {
    ...ofTemplate,
    id: '34a20db2-e9cc-4a93-b0e4-8569699d7a00',
    name: 'Report: Workspace Builds Failed',
    title: 'Builds with template "{{.Labels.template_display_name}}" failed',
    body: 'In the last {{.Labels.report_frequency}}, **{{.Labels.failed_builds}}** of **{{.Labels.total_builds}}** builds of workspaces with the template **{{.Labels.template_display_name}}** failed.',
    actions: [
      { label: 'View its workspaces', url: '{{base_url}}/workspaces?filter=template%3A{{.Labels.template_name}}' },
    ],
  },
  workspaceResourceReplaced: {
    ...ofTemplate,
    id: '89d9745a-816e-4695-a17f-3d0a229e2b8d',
    name: 'Prebuilt Workspace Resource Replaced',
    title: 'Claiming a prebuilt workspace replaced resources',
    body: 'Claiming the prebuilt workspace **{{.Labels.workspace}}** replaced resources, so the prebuild saved no time. Values that differ between owners must not cause replacements in the template **{{.Labels.template}}** (version **{{.Labels.template_version}}**).',
    actions: [viewPrebuilt],
  },
  prebuildFailureLimitReached: {
    ...ofTemplate,
    id: '414d9331-c1fc-4761-b40c-d1f4702279eb',
    name: 'Prebuild Failure Limit Reached',
    title: 'Prebuilds of preset "{{.Labels.preset}}" are suspended',
    body: 'Prebuilds of the preset **{{.Labels.preset}}** failed too often with version **{{.Labels.template_version}}** of the template **{{.Labels.template}}**. They continue with the next version.',
    actions: [viewPrebuilt],
  },
  test: {
    group: 'Notification Events',
    kind: 'system',
    icon: 'DEFAULT_ICON_OTHER',
    enabledByDefault: true,
    id: 'c425f63e-716a-4bf4-ae24-78348f706c3f',
    name: 'Troubleshooting Notification',
    title: 'Test notification',
    body: 'This is a test notification: delivery works.',
    actions: [{ label: 'View notification settings', url: '{{base_url}}/deployment/notifications?tab=settings' }],
  },
  custom: {
    group: 'Custom Events',
    kind: 'custom',
    icon: 'DEFAULT_ICON_OTHER',
    enabledByDefault: true,
    id: '39b1e189-c857-4b0c-877a-511144c18516',
    name: 'Custom Notification',
    title: '{{.Labels.custom_title}}',
    body: '{{.Labels.custom_message}}',
    actions: [],
  },
  taskWorking: {
    ...ofTask,
    id: 'bd4b7168-d05e-4e19-ad0f-3593b77aa90f',
    name: 'Task Working',
    title: 'Task "{{.Labels.workspace}}" is in progress',
    body: 'The task "{{.Labels.task}}" is in progress.',
    actions: [viewTask, viewWorkspace],
  },
  taskIdle: {
    ...ofTask,
    id: 'd4a6271c-cced-4ed0-84ad-afd02a9c7799',
    name: 'Task Idle',
    title: 'Task "{{.Labels.workspace}}" is waiting for you',
    body: 'The task "{{.Labels.task}}" is idle and waiting for your input.',
    actions: [viewTask, viewWorkspace],
  },
  taskCompleted: {
    ...ofTask,
    id: '8c5a4d12-9f7e-4b3a-a1c8-6e4f2d9b5a7c',
    name: 'Task Completed',
    title: 'Task "{{.Labels.workspace}}" is completed',
    body: 'The task "{{.Labels.task}}" was completed.',
    actions: [viewTask, viewWorkspace],
  },
  taskFailed: {
    ...ofTask,
    id: '3b7e8f1a-4c2d-49a6-b5e9-7f3a1c8d6b4e',
    name: 'Task Failed',
    title: 'Task "{{.Labels.workspace}}" failed',
    body: 'The task "{{.Labels.task}}" failed. See its log for details.',
    actions: [viewTask, viewWorkspace],
  },
} as const satisfies Readonly<Record<string, NotificationTemplate>>

export type TemplateName = keyof typeof notificationTemplates

/** Names of the labels in a text. */
type LabelsIn<Text extends string> = Text extends `${string}{{.Labels.${infer Label}}}${infer Rest}`
  ? Label | LabelsIn<Rest>
  : never

type TextsOf<T extends NotificationTemplate> = T['title'] | T['body'] | T['actions'][number]['url']

/** The labels that a template requires. */
export type LabelsOf<T extends TemplateName> = Readonly<
  Record<LabelsIn<TextsOf<(typeof notificationTemplates)[T]>>, string>
>

const byId = new Map<string, NotificationTemplate>(
  Object.values(notificationTemplates).map((template) => [template.id, template]),
)

export const findNotificationTemplate = (id: string): NotificationTemplate | undefined => byId.get(id)
