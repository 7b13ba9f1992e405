// Visible fields of audited rows: one table, checked for completeness by the type system, so that each new column
// requires a decision.

import type { ResourceType } from '../../api/deployment/audit.ts'
import type { FieldChange, Row } from '../database/schema.ts'

/** Rows audited as stored; other resources are audited as objects of the caller. */
interface AuditedRows {
  template: Row<'templates'>
  template_version: Row<'template_versions'>
  user: Row<'users'>
  workspace: Row<'workspaces'>
  workspace_build: Omit<Row<'workspace_builds'>, 'provisioner_state' | 'provisioner_state_key_id'>
  api_key: Row<'api_keys'>
  git_ssh_key: Row<'git_ssh_keys'>
  organization: Row<'organizations'>
  organization_member: Row<'organization_members'>
}

/** The resource before and after the change: its row, or part of it. */
export type Audited<R extends ResourceType> = R extends keyof AuditedRows
  ? Partial<AuditedRows[R]>
  : Readonly<Record<string, unknown>>

type Visibility = 'visible' | 'secret' | 'hidden'

const fields: { readonly [R in keyof AuditedRows]: Readonly<Record<keyof AuditedRows[R], Visibility>> } = {
  template: {
    id: 'visible',
    organization_id: 'hidden',
    name: 'visible',
    display_name: 'visible',
    description: 'visible',
    icon: 'visible',
    active_version_id: 'visible',
    created_by: 'visible',
    default_ttl_ms: 'visible',
    activity_bump_ms: 'visible',
    autostop_requirement_days_of_week: 'visible',
    autostop_requirement_weeks: 'visible',
    autostart_requirement_days_of_week: 'visible',
    allow_user_cancel_workspace_jobs: 'visible',
    allow_user_autostart: 'visible',
    allow_user_autostop: 'visible',
    failure_ttl_ms: 'visible',
    time_til_dormant_ms: 'visible',
    time_til_dormant_autodelete_ms: 'visible',
    require_active_version: 'visible',
    max_port_share_level: 'visible',
    cors_behavior: 'visible',
    use_classic_parameter_flow: 'visible',
    disable_module_cache: 'visible',
    user_acl: 'visible',
    group_acl: 'visible',
    deprecation_message: 'visible',
    deleted: 'hidden',
    created_at: 'hidden',
    updated_at: 'hidden',
  },
  template_version: {
    id: 'visible',
    organization_id: 'hidden',
    template_id: 'visible',
    name: 'visible',
    message: 'visible',
    readme: 'visible',
    job_id: 'hidden',
    source_example_id: 'visible',
    has_external_agent: 'hidden',
    has_ai_task: 'hidden',
    archived: 'visible',
    created_by: 'visible',
    created_at: 'hidden',
    updated_at: 'hidden',
    executes_here: 'hidden',
    has_workspace_tags: 'hidden',
  },
  user: {
    id: 'visible',
    username: 'visible',
    email: 'visible',
    name: 'visible',
    avatar_url: 'visible',
    hashed_password: 'secret',
    status: 'visible',
    rbac_roles: 'visible',
    login_type: 'visible',
    theme_preference: 'hidden',
    quiet_hours_schedule: 'visible',
    deleted: 'visible',
    last_seen_at: 'hidden',
    created_at: 'hidden',
    updated_at: 'hidden',
    terminal_font: 'hidden',
    task_notification_alert_dismissed: 'hidden',
    hashed_one_time_passcode: 'secret',
    one_time_passcode_expires_at: 'hidden',
  },
  workspace: {
    id: 'visible',
    organization_id: 'hidden',
    owner_id: 'visible',
    template_id: 'visible',
    name: 'visible',
    autostart_schedule: 'visible',
    ttl_ms: 'visible',
    automatic_updates: 'visible',
    favorite: 'visible',
    deleted: 'hidden',
    last_used_at: 'hidden',
    next_start_at: 'hidden',
    dormant_at: 'visible',
    deleting_at: 'visible',
    created_at: 'hidden',
    updated_at: 'hidden',
    latest_build_id: 'hidden',
    is_running: 'hidden',
    owner_sort: 'hidden',
    user_acl: 'visible',
    group_acl: 'visible',
    terminal_kept_lines: 'visible',
    terminal_kept_days: 'visible',
  },
  workspace_build: {
    id: 'hidden',
    workspace_id: 'hidden',
    template_version_id: 'visible',
    template_version_preset_id: 'visible',
    build_number: 'hidden',
    transition: 'hidden',
    reason: 'hidden',
    initiator_id: 'hidden',
    job_id: 'hidden',
    deadline: 'hidden',
    max_deadline: 'hidden',
    daily_cost: 'hidden',
    created_at: 'hidden',
    updated_at: 'hidden',
  },
  api_key: {
    id: 'hidden',
    hashed_secret: 'secret',
    user_id: 'visible',
    login_type: 'hidden',
    allow_list: 'visible',
    token_name: 'visible',
    scopes: 'visible',
    lifetime_seconds: 'hidden',
    ip_address: 'hidden',
    last_used_at: 'visible',
    expires_at: 'visible',
    created_at: 'visible',
    updated_at: 'hidden',
    page_port: 'hidden',
  },
  git_ssh_key: {
    user_id: 'hidden',
    public_key: 'visible',
    private_key: 'secret',
    private_key_key_id: 'hidden',
    created_at: 'hidden',
    updated_at: 'hidden',
  },
  organization: {
    id: 'hidden',
    name: 'visible',
    display_name: 'visible',
    description: 'visible',
    icon: 'visible',
    is_default: 'visible',
    deleted: 'visible',
    created_at: 'hidden',
    updated_at: 'visible',
    workspace_sharing_disabled: 'visible',
  },
  organization_member: {
    organization_id: 'visible',
    user_id: 'visible',
    roles: 'visible',
    created_at: 'visible',
    updated_at: 'visible',
  },
}

/** Visible fields of objects that are not rows. */
const secretName = /secret|password|token|private_key|credential/

function visibilityOf(resource: ResourceType, field: string): Visibility {
  const visibilities = (fields as Readonly<Record<string, Readonly<Record<string, Visibility>>>>)[resource]
  if (visibilities) return visibilities[field] ?? 'hidden'
  return secretName.test(field) ? 'secret' : 'visible'
}

/** Changed fields. Creations and deletions are compared with zero values. */
export function differenceOf<R extends ResourceType>(
  resource: R,
  before: Audited<R> | null,
  after: Audited<R> | null,
): Record<string, FieldChange> {
  const [old, now] = [(before ?? {}) as Record<string, unknown>, (after ?? {}) as Record<string, unknown>]
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort()
  return Object.fromEntries(
    names.flatMap((name): [string, FieldChange][] => {
      const visibility = visibilityOf(resource, name)
      const [was, is] = [before ? old[name] : zeroValue(now[name]), after ? now[name] : zeroValue(old[name])]
      if (visibility === 'hidden' || isSame(was, is)) return []
      if (visibility === 'secret') return [[name, { old: '', new: '', secret: true }]]
      return [[name, { old: was ?? null, new: is ?? null, secret: false }]]
    }),
  )
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}

/** Zero value of a field. */
function zeroValue(value: unknown): unknown {
  if (typeof value === 'string') return ''
  if (typeof value === 'number') return 0
  if (typeof value === 'boolean') return false
  if (Array.isArray(value)) return []
  return null
}
