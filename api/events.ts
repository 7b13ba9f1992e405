// Change notifications that coderd pushes to signed-in pages over `GET /api/local/events`. They carry no content: pages
// refetch their data, so that only the endpoints decide on authorization. Events are not replayed; after a reconnect a
// page treats all its data as stale.

export type PushedEvent =
  /** First frame. A changed `boot` means that another coderd process responds. */
  | { readonly type: 'hello'; readonly boot: string; readonly version: string }
  | { readonly type: 'workspace'; readonly workspace_id: string; readonly reason: WorkspaceChange }
  | { readonly type: 'inbox'; readonly user_id: string; readonly inbox_notification_id: string }
  | { readonly type: 'template'; readonly template_id: string }
  /** State of the database as observed by coderd, for the connection indicator. */
  | { readonly type: 'database'; readonly state: 'ready' | 'away' | 'recovering'; readonly message: string }
  | { readonly type: 'ping' }

export type WorkspaceChange = 'build' | 'agent' | 'agent_logs' | 'app' | 'settings' | 'deleted'

/** coderd sends a ping after this long without other events; a page reconnects after twice as long without any. */
export const eventPingEveryMs = 5_000
