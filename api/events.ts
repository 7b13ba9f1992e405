// What coderd pushes to a signed-in page over `GET /api/local/events`: that something changed, never its content; the
// page asks again for what it shows, so that what one may see is decided in one place. Nothing is replayed: after a
// reconnect a page takes everything it shows as stale.

export type PushedEvent =
  /** First frame. A `boot` that differs from the last one means another coderd process answers. */
  | { readonly type: 'hello'; readonly boot: string; readonly version: string }
  | { readonly type: 'workspace'; readonly workspace_id: string; readonly reason: WorkspaceChange }
  | { readonly type: 'inbox'; readonly user_id: string; readonly inbox_notification_id: string }
  | { readonly type: 'template'; readonly template_id: string }
  /** The state of the database as coderd sees it, for the connection indicator. */
  | { readonly type: 'database'; readonly state: 'ready' | 'away' | 'recovering'; readonly message: string }
  | { readonly type: 'ping' }

export type WorkspaceChange = 'build' | 'agent' | 'agent_logs' | 'app' | 'settings' | 'deleted'

/** coderd sends a ping when nothing else was sent for this long; a page that hears nothing for twice as long reconnects. */
export const eventPingEveryMs = 5_000
