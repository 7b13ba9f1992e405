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

-- What is to be sent, and what became of it.
create table notification_messages (
  id uuid primary key default gen_random_uuid(),
  template_id uuid not null,
  user_id uuid not null references users on delete cascade,
  -- `default` is whatever the deployment or the template is set to when the message is sent.
  method text not null check (method in ('inbox', 'default')),
  status text not null default 'pending'
    check (status in ('pending', 'leased', 'sent', 'temporary_failure', 'permanent_failure', 'inhibited')),
  status_reason text not null default '',
  -- Labels that the text is made of, and whatever else a receiver of webhooks gets.
  payload jsonb not null,
  targets uuid[] not null default '{}',
  attempt_count integer not null default 0,
  -- The same message to the same person is sent once a day.
  dedupe_hash text not null unique,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  leased_until timestamptz(3),
  next_retry_after timestamptz(3)
);
create index notification_messages_due on notification_messages (created_at)
  where status in ('pending', 'leased', 'temporary_failure');
create index notification_messages_user on notification_messages (user_id);

create table notification_preferences (
  user_id uuid not null references users on delete cascade,
  template_id uuid not null,
  disabled boolean not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  primary key (user_id, template_id)
);

-- Templates that are sent otherwise than the deployment's setting says.
create table notification_template_methods (
  template_id uuid primary key,
  method text not null check (method in ('smtp', 'webhook', 'inbox'))
);

create table inbox_notifications (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  template_id uuid not null,
  targets uuid[] not null default '{}',
  title text not null,
  content text not null,
  icon text not null default '',
  actions jsonb not null default '[]',
  read_at timestamptz(3),
  created_at timestamptz(3) not null default now()
);
create index inbox_notifications_user on inbox_notifications (user_id, created_at desc, id desc);
create index inbox_notifications_unread on inbox_notifications (user_id) where read_at is null;
