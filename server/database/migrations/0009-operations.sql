-- What the deployment remembers about its own running: who changed what, who was connected, what people were told.

-- A row outlives what it is about: nothing here refers to another table.
create table audit_logs (
  id uuid primary key default gen_random_uuid(),
  time timestamptz(3) not null default clock_timestamp(),
  -- Null where nobody could be told: a sign-in under an unknown address.
  user_id uuid,
  -- Null for what belongs to the whole deployment.
  organization_id uuid,
  ip text not null default '',
  user_agent text not null default '',
  request_id uuid not null,
  resource_type text not null,
  resource_id uuid not null,
  resource_target text not null default '',
  resource_icon text not null default '',
  action text not null,
  -- `{field: {old, new, secret}}`, only what differs.
  diff jsonb not null default '{}',
  status_code integer not null,
  additional_fields jsonb not null default '{}'
);
create index audit_logs_time on audit_logs (time desc, id desc);
create index audit_logs_user on audit_logs (user_id, time desc);
create index audit_logs_resource on audit_logs (resource_id, time desc);
create index audit_logs_request on audit_logs (request_id);

create table connection_logs (
  id uuid primary key default gen_random_uuid(),
  connect_time timestamptz(3) not null default clock_timestamp(),
  organization_id uuid not null,
  workspace_owner_id uuid not null,
  workspace_id uuid not null,
  workspace_name text not null,
  agent_name text not null,
  type text not null
    check (type in ('ssh', 'vscode', 'jetbrains', 'reconnecting_pty', 'workspace_app', 'port_forwarding')),
  ip text not null default '',
  user_agent text not null default '',
  -- Who connected; null where anybody may.
  user_id uuid,
  -- Null for applications, which are asked again and again without a connection that would end.
  connection_id uuid,
  -- Of an application: its slug, or a port.
  slug_or_port text,
  code integer,
  disconnect_time timestamptz(3),
  disconnect_reason text
);
create index connection_logs_time on connection_logs (connect_time desc, id desc);
create index connection_logs_workspace on connection_logs (workspace_id, connect_time desc);
create index connection_logs_owner on connection_logs (workspace_owner_id, connect_time desc);
create unique index connection_logs_connection on connection_logs (connection_id);
create index connection_logs_open on connection_logs (connect_time) where disconnect_time is null and connection_id is not null;
