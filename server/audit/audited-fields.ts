// Visible fields of audited rows: one table, checked for completeness by the type system, so that each new
// column requires a decision.

import type { ResourceType } from '../../api/deployment/audit.ts'
import type { FieldChange, Row } from '../database/schema.ts'

/** Rows audited as stored; other resources are audited as objects of the caller. */
interface AuditedRows {
  template: Row<'templates'>
  template_version: Row<'template_versions'>
  user: Row<'users'>
  workspace: Row<'workspaces'>
  workspace_build: Omit<Row<'workspace_builds'>, 'provisioner_state'>
  api_key: Row<'api_keys'>
  git_ssh_key: Row<'git_ssh_keys'>
  organization: Row<'organizations'>
  organization_member: Row<'organization_members'>
}

/** The resource before and after the change: its row, or part of it. */
export type Audited<R extends ResourceType> = R extends keyof AuditedRows
  ? Partial<AuditedRows[R]>
  : Readonly<Record<string, unknown>>

type Showing = 'shown' | 'secret' | 'hidden'

const fields: { readonly [R in keyof AuditedRows]: Readonly<Record<keyof AuditedRows[R], Showing>> } = {
  template: {
    id: 'shown',
    organization_id: 'hidden',
    name: 'shown',
    display_name: 'shown',
    description: 'shown',
    icon: 'shown',
    active_version_id: 'shown',
    created_by: 'shown',
    default_ttl_ms: 'shown',
    activity_bump_ms: 'shown',
    autostop_requirement_days_of_week: 'shown',
    autostop_requirement_weeks: 'shown',
    autostart_requirement_days_of_week: 'shown',
    allow_user_cancel_workspace_jobs: 'shown',
    allow_user_autostart: 'shown',
    allow_user_autostop: 'shown',
    failure_ttl_ms: 'shown',
    time_til_dormant_ms: 'shown',
    time_til_dormant_autodelete_ms: 'shown',
    require_active_version: 'shown',
    max_port_share_level: 'shown',
    cors_behavior: 'shown',
    use_classic_parameter_flow: 'shown',
    disable_module_cache: 'shown',
    user_acl: 'shown',
    group_acl: 'shown',
    deprecation_message: 'shown',
    deleted: 'hidden',
    created_at: 'hidden',
    updated_at: 'hidden',
  },
  template_version: {
    id: 'shown',
    organization_id: 'hidden',
    template_id: 'shown',
    name: 'shown',
    message: 'shown',
    readme: 'shown',
    job_id: 'hidden',
    source_example_id: 'shown',
    has_external_agent: 'hidden',
    has_ai_task: 'hidden',
    archived: 'shown',
    created_by: 'shown',
    created_at: 'hidden',
    updated_at: 'hidden',
    executes_here: 'hidden',
    has_workspace_tags: 'hidden',
  },
  user: {
    id: 'shown',
    username: 'shown',
    email: 'shown',
    name: 'shown',
    avatar_url: 'shown',
    hashed_password: 'secret',
    status: 'shown',
    rbac_roles: 'shown',
    login_type: 'shown',
    theme_preference: 'hidden',
    quiet_hours_schedule: 'shown',
    deleted: 'shown',
    last_seen_at: 'hidden',
    created_at: 'hidden',
    updated_at: 'hidden',
    terminal_font: 'hidden',
    task_notification_alert_dismissed: 'hidden',
    hashed_one_time_passcode: 'secret',
    one_time_passcode_expires_at: 'hidden',
  },
  workspace: {
    id: 'shown',
    organization_id: 'hidden',
    owner_id: 'shown',
    template_id: 'shown',
    name: 'shown',
    autostart_schedule: 'shown',
    ttl_ms: 'shown',
    automatic_updates: 'shown',
    favorite: 'shown',
    deleted: 'hidden',
    last_used_at: 'hidden',
    next_start_at: 'hidden',
    dormant_at: 'shown',
    deleting_at: 'shown',
    created_at: 'hidden',
    updated_at: 'hidden',
    latest_build_id: 'hidden',
    is_running: 'hidden',
    owner_sort: 'hidden',
    user_acl: 'shown',
    group_acl: 'shown',
    terminal_kept_lines: 'shown',
    terminal_kept_days: 'shown',
  },
  workspace_build: {
    id: 'hidden',
    workspace_id: 'hidden',
    template_version_id: 'shown',
    template_version_preset_id: 'shown',
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
    user_id: 'shown',
    login_type: 'hidden',
    allow_list: 'shown',
    token_name: 'shown',
    scopes: 'shown',
    lifetime_seconds: 'hidden',
    ip_address: 'hidden',
    last_used_at: 'shown',
    expires_at: 'shown',
    created_at: 'shown',
    updated_at: 'hidden',
  },
  git_ssh_key: {
    user_id: 'hidden',
    public_key: 'shown',
    private_key: 'secret',
    created_at: 'hidden',
    updated_at: 'hidden',
  },
  organization: {
    id: 'hidden',
    name: 'shown',
    display_name: 'shown',
    description: 'shown',
    icon: 'shown',
    is_default: 'shown',
    deleted: 'shown',
    created_at: 'hidden',
    updated_at: 'shown',
    workspace_sharing_disabled: 'shown',
  },
  organization_member: {
    organization_id: 'shown',
    user_id: 'shown',
    roles: 'shown',
    created_at: 'shown',
    updated_at: 'shown',
  },
}

/** Visible fields of objects that are not rows. */
const secretName = /secret|password|token|private_key|credential/

function showingOf(resource: ResourceType, field: string): Showing {
  const known = (fields as Readonly<Record<string, Readonly<Record<string, Showing>>>>)[resource]
  if (known) return known[field] ?? 'hidden'
  return secretName.test(field) ? 'secret' : 'shown'
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
      const showing = showingOf(resource, name)
      const [was, is] = [before ? old[name] : zeroOf(now[name]), after ? now[name] : zeroOf(old[name])]
      if (showing === 'hidden' || isSame(was, is)) return []
      if (showing === 'secret') return [[name, { old: '', new: '', secret: true }]]
      return [[name, { old: was ?? null, new: is ?? null, secret: false }]]
    }),
  )
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
}

/** Zero value of a field. */
function zeroOf(value: unknown): unknown {
  if (typeof value === 'string') return ''
  if (typeof value === 'number') return 0
  if (typeof value === 'boolean') return false
  if (Array.isArray(value)) return []
  return null
}
