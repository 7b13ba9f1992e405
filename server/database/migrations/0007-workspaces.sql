-- What workspaces need beyond their builds: fast lists, sharing, shared ports, statuses of apps, tasks, and what agents
-- measure.

-- A list of many thousand workspaces is read in the order in which it is shown, straight from an index. What that order
-- needs is kept beside the workspace by triggers, so that no writer can forget it.
alter table workspaces
  add column latest_build_id uuid,
  add column is_running boolean not null default false,
  add column owner_sort text not null default '',
  -- Id of a user or group to its role, as for templates.
  add column user_acl jsonb not null default '{}',
  add column group_acl jsonb not null default '{}';

create index workspaces_list on workspaces (is_running desc, owner_sort, lower(name)) where not deleted;
create index workspaces_list_of_owner on workspaces (owner_id, is_running desc, lower(name)) where not deleted;
create index workspaces_favorites on workspaces (owner_id) where favorite and not deleted;
create index workspaces_shared_users on workspaces using gin (user_acl) where user_acl <> '{}';
create index workspaces_shared_groups on workspaces using gin (group_acl) where group_acl <> '{}';
create index workspaces_next_start on workspaces (next_start_at) where next_start_at is not null and not deleted;
create index workspaces_latest_build on workspaces (latest_build_id);
create index workspace_builds_deadline on workspace_builds (deadline) where deadline is not null;

create function note_owner_of_workspace() returns trigger language plpgsql as $$
begin
  new.owner_sort := lower((select username from users where id = new.owner_id));
  return new;
end $$;
create trigger workspaces_owner before insert or update of owner_id on workspaces
  for each row execute function note_owner_of_workspace();

create function note_name_of_owner() returns trigger language plpgsql as $$
begin
  update workspaces set owner_sort = lower(new.username) where owner_id = new.id;
  return null;
end $$;
create trigger users_name_of_owner after update of username on users
  for each row when (old.username is distinct from new.username) execute function note_name_of_owner();

-- Counts the changes to which workspaces there are, so that a list need not count the workspaces each time.
create table workspace_generation (
  generation bigint not null
);
insert into workspace_generation values (1);
create function note_workspace_generation() returns trigger language plpgsql as $$
begin
  update workspace_generation set generation = generation + 1;
  return null;
end $$;
create trigger workspaces_generation after insert or delete or update of deleted on workspaces
  for each statement execute function note_workspace_generation();

create function note_latest_build() returns trigger language plpgsql as $$
begin
  update workspaces set
    latest_build_id = new.id,
    is_running = new.transition = 'start'
      and exists (select from provisioner_jobs where id = new.job_id and job_status = 'succeeded')
  where id = new.workspace_id
    and new.build_number > coalesce((select build_number from workspace_builds where id = latest_build_id), 0);
  return null;
end $$;
create trigger workspace_builds_latest after insert on workspace_builds
  for each row execute function note_latest_build();

create function note_status_of_latest_build() returns trigger language plpgsql as $$
begin
  update workspaces workspace set is_running = build.transition = 'start' and new.job_status = 'succeeded'
  from workspace_builds build
  where build.job_id = new.id
    and workspace.latest_build_id = build.id
    and workspace.is_running <> (build.transition = 'start' and new.job_status = 'succeeded');
  return null;
end $$;
create trigger provisioner_jobs_latest_build after update on provisioner_jobs
  for each row when (new.type = 'workspace_build' and old.job_status is distinct from new.job_status)
  execute function note_status_of_latest_build();

update workspaces set
  owner_sort = lower((select username from users where id = owner_id)),
  latest_build_id =
    (select id from workspace_builds where workspace_id = workspaces.id order by build_number desc limit 1);
update workspaces set is_running = true
from workspace_builds build join provisioner_jobs job on job.id = build.job_id
where build.id = latest_build_id and build.transition = 'start' and job.job_status = 'succeeded';

-- Where a template changes its mind about automatic starts, the next round of the schedules reckons them anew.
create function forget_next_starts() returns trigger language plpgsql as $$
begin
  update workspaces set next_start_at = null where template_id = new.id and not deleted;
  return null;
end $$;
create trigger templates_next_starts
  after update of autostart_requirement_days_of_week, allow_user_autostart on templates
  for each row when (
    old.autostart_requirement_days_of_week is distinct from new.autostart_requirement_days_of_week
    or old.allow_user_autostart is distinct from new.allow_user_autostart
  ) execute function forget_next_starts();

-- When a person's workspaces may be stopped by force: a cron line with a time zone; empty for the deployment's own.
alter table users add column if not exists quiet_hours_schedule text not null default '';

alter table template_versions add column if not exists has_ai_task boolean not null default false;

create table workspace_agent_port_shares (
  workspace_id uuid not null references workspaces on delete cascade,
  agent_name text not null,
  port integer not null check (port between 9 and 65535),
  share_level text not null check (share_level in ('owner', 'authenticated', 'organization', 'public')),
  protocol text not null default 'http' check (protocol in ('http', 'https')),
  primary key (workspace_id, agent_name, port)
);

-- What an app last said it was doing, with all it said before.
create table workspace_app_statuses (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz(3) not null default now(),
  workspace_id uuid not null references workspaces on delete cascade,
  agent_id uuid not null references workspace_agents on delete cascade,
  app_id uuid not null references workspace_apps on delete cascade,
  state text not null check (state in ('working', 'idle', 'complete', 'failure')),
  message text not null default '',
  uri text not null default ''
);
create index workspace_app_statuses_app on workspace_app_statuses (app_id, created_at);
create index workspace_app_statuses_workspace on workspace_app_statuses (workspace_id, created_at);

-- What an agent counted since its last report: the ground of insights, daily users and metrics. `usage` marks what a
-- client told by itself (`POST usage`) instead.
create table workspace_agent_stats (
  id bigserial primary key,
  created_at timestamptz(3) not null default now(),
  user_id uuid not null references users on delete cascade,
  agent_id uuid not null,
  workspace_id uuid not null references workspaces on delete cascade,
  template_id uuid not null references templates on delete cascade,
  connections_by_proto jsonb not null default '{}',
  connection_count integer not null default 0,
  -- -1 where no latency was measured.
  connection_median_latency_ms double precision not null default -1,
  rx_packets bigint not null default 0,
  rx_bytes bigint not null default 0,
  tx_packets bigint not null default 0,
  tx_bytes bigint not null default 0,
  session_count_vscode integer not null default 0,
  session_count_jetbrains integer not null default 0,
  session_count_reconnecting_pty integer not null default 0,
  session_count_ssh integer not null default 0,
  usage boolean not null default false
);
create index workspace_agent_stats_created on workspace_agent_stats (created_at);
create index workspace_agent_stats_template on workspace_agent_stats (template_id, created_at);
create index workspace_agent_stats_agent on workspace_agent_stats (agent_id, created_at);

-- The last value of each metadata item. Unlogged: after a crash they are measured anew, and a sample costs no sync.
create unlogged table workspace_agent_metadata_values (
  workspace_agent_id uuid not null,
  key text not null,
  value text not null default '' check (length(value) <= 2048),
  error text not null default '' check (length(error) <= 2048),
  collected_at timestamptz(3) not null,
  primary key (workspace_agent_id, key)
);

-- The app through which the AI tool of a template is spoken to.
alter table workspace_apps add column is_task boolean not null default false;

-- A prompt for an AI tool, and the workspace that works on it.
create table tasks (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations,
  owner_id uuid not null references users,
  name text not null check (length(name) between 1 and 32),
  display_name text not null default '' check (length(display_name) <= 64),
  workspace_id uuid references workspaces on delete set null,
  template_version_id uuid not null references template_versions,
  template_parameters jsonb not null default '{}',
  prompt text not null,
  created_at timestamptz(3) not null default now(),
  deleted_at timestamptz(3)
);
create unique index tasks_name on tasks (owner_id, lower(name)) where deleted_at is null;
create index tasks_workspace on tasks (workspace_id);

-- The conversation of a task as its agent last told it: what is shown while its workspace is stopped.
create table task_snapshots (
  task_id uuid primary key references tasks on delete cascade,
  log jsonb not null,
  created_at timestamptz(3) not null default now()
);
