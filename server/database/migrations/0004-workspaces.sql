-- Workspaces, their builds, and what builds made: resources, agents, and what agents offer.

create table workspaces (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations,
  owner_id uuid not null references users,
  template_id uuid not null references templates,
  name text not null check (length(name) between 1 and 32),
  autostart_schedule text,
  ttl_ms bigint,
  automatic_updates text not null default 'never' check (automatic_updates in ('always', 'never')),
  favorite boolean not null default false,
  deleted boolean not null default false,
  last_used_at timestamptz(3),
  next_start_at timestamptz(3),
  dormant_at timestamptz(3),
  deleting_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create unique index workspaces_name on workspaces (owner_id, lower(name)) where not deleted;
create index workspaces_template on workspaces (template_id) where not deleted;

create table workspace_builds (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references workspaces on delete cascade,
  template_version_id uuid not null references template_versions,
  template_version_preset_id uuid references template_version_presets on delete set null,
  -- Counts from 1; the highest is the workspace's latest build.
  build_number integer not null check (build_number > 0),
  transition text not null check (transition in ('start', 'stop', 'delete')),
  reason text not null default 'initiator',
  initiator_id uuid not null references users,
  job_id uuid not null unique references provisioner_jobs,
  -- The Terraform state after the build, also of a build that failed: delete cleans up by it.
  provisioner_state bytea,
  deadline timestamptz(3),
  max_deadline timestamptz(3),
  daily_cost integer not null default 0,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  unique (workspace_id, build_number)
);
create index workspace_builds_template_version on workspace_builds (template_version_id);

create table workspace_build_parameters (
  workspace_build_id uuid not null references workspace_builds on delete cascade,
  name text not null,
  value text not null,
  primary key (workspace_build_id, name)
);

-- Of a build, and of an import (once per transition, to show what a version would make).
create table workspace_resources (
  id uuid primary key default gen_random_uuid(),
  job_id uuid not null references provisioner_jobs on delete cascade,
  transition text not null check (transition in ('start', 'stop', 'delete')),
  type text not null,
  name text not null,
  -- The Terraform address, and the module it stands in (empty for the root module).
  address text not null default '',
  module_path text not null default '',
  instance_type text not null default '',
  hide boolean not null default false,
  icon text not null default '' check (length(icon) <= 256),
  daily_cost integer not null default 0,
  created_at timestamptz(3) not null default now()
);
create index workspace_resources_job on workspace_resources (job_id);

create table workspace_resource_metadata (
  id bigserial primary key,
  resource_id uuid not null references workspace_resources on delete cascade,
  key text not null,
  -- Null where the template says that there is no value, which is not the same as an empty one.
  value text,
  sensitive boolean not null default false,
  unique (resource_id, key)
);

create table workspace_agents (
  id uuid primary key default gen_random_uuid(),
  resource_id uuid not null references workspace_resources on delete cascade,
  parent_id uuid references workspace_agents on delete cascade,
  name text not null check (length(name) between 1 and 64),
  auth_token uuid not null default gen_random_uuid(),
  auth_instance_id text,
  operating_system text not null,
  architecture text not null,
  environment_variables jsonb not null default '{}',
  directory text not null default '' check (length(directory) <= 4096),
  expanded_directory text not null default '' check (length(expanded_directory) <= 4096),
  version text not null default '',
  api_version text not null default '',
  subsystems text[] not null default '{}',
  lifecycle_state text not null default 'created' check (lifecycle_state in
    ('created', 'starting', 'start_timeout', 'start_error', 'ready',
     'shutting_down', 'shutdown_timeout', 'shutdown_error', 'off')),
  connection_timeout_seconds integer not null default 120,
  troubleshooting_url text not null default '',
  motd_file text not null default '',
  display_apps text[] not null default '{vscode,ssh_helper,port_forwarding_helper,web_terminal}',
  api_key_scope text not null default 'all' check (api_key_scope in ('all', 'no_user_data')),
  logs_length integer not null default 0 check (logs_length between 0 and 1048576),
  logs_overflowed boolean not null default false,
  display_order integer not null default 0,
  -- Proof of the agent's process on the machine it runs on: a number alone may belong to somebody else by now, the
  -- boot tells a reboot from a crash, the machine tells whether coderd can look at all.
  process_pid integer,
  process_started_at text,
  boot_id text,
  machine_id text,
  first_connected_at timestamptz(3),
  last_connected_at timestamptz(3),
  disconnected_at timestamptz(3),
  started_at timestamptz(3),
  ready_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create unique index workspace_agents_auth_token on workspace_agents (auth_token);
create index workspace_agents_resource on workspace_agents (resource_id);
create index workspace_agents_parent on workspace_agents (parent_id);

create table workspace_agent_log_sources (
  id uuid not null default gen_random_uuid(),
  workspace_agent_id uuid not null references workspace_agents on delete cascade,
  display_name text not null,
  icon text not null default '',
  created_at timestamptz(3) not null default now(),
  primary key (workspace_agent_id, id)
);

create table workspace_agent_scripts (
  id uuid primary key default gen_random_uuid(),
  workspace_agent_id uuid not null references workspace_agents on delete cascade,
  log_source_id uuid not null,
  display_name text not null default '',
  log_path text not null default '',
  script text not null,
  cron text not null default '',
  run_on_start boolean not null default false,
  run_on_stop boolean not null default false,
  start_blocks_login boolean not null default false,
  timeout_seconds integer not null default 0,
  created_at timestamptz(3) not null default now(),
  foreign key (workspace_agent_id, log_source_id) references workspace_agent_log_sources on delete cascade
);
create index workspace_agent_scripts_agent on workspace_agent_scripts (workspace_agent_id);

create table workspace_agent_script_timings (
  script_id uuid not null references workspace_agent_scripts on delete cascade,
  stage text not null check (stage in ('start', 'stop', 'cron')),
  status text not null check (status in ('ok', 'exit_failure', 'timed_out', 'pipes_left_open')),
  exit_code integer not null,
  started_at timestamptz(3) not null,
  ended_at timestamptz(3) not null,
  primary key (script_id, started_at)
);

create table workspace_agent_logs (
  id bigserial primary key,
  agent_id uuid not null references workspace_agents on delete cascade,
  log_source_id uuid not null,
  created_at timestamptz(3) not null default now(),
  level text not null default 'info' check (level in ('trace', 'debug', 'info', 'warn', 'error')),
  output text not null
);
create index workspace_agent_logs_agent on workspace_agent_logs (agent_id, id);

-- What an agent is asked to measure. The values themselves are pushed through memory, never written per sample.
create table workspace_agent_metadata (
  workspace_agent_id uuid not null references workspace_agents on delete cascade,
  key text not null,
  display_name text not null default '',
  script text not null,
  interval_seconds integer not null default 0,
  timeout_seconds integer not null default 0,
  display_order integer not null default 0,
  primary key (workspace_agent_id, key)
);

create table workspace_apps (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references workspace_agents on delete cascade,
  slug text not null check (length(slug) between 1 and 64),
  display_name text not null default '' check (length(display_name) <= 64),
  icon text not null default '' check (length(icon) <= 256),
  command text check (length(command) <= 65534),
  url text check (length(url) <= 65534),
  external boolean not null default false,
  subdomain boolean not null default false,
  sharing_level text not null default 'owner'
    check (sharing_level in ('owner', 'authenticated', 'organization', 'public')),
  healthcheck_url text not null default '',
  healthcheck_interval_seconds integer not null default 0,
  healthcheck_threshold integer not null default 0,
  health text not null default 'disabled' check (health in ('disabled', 'initializing', 'healthy', 'unhealthy')),
  display_group text not null default '',
  display_order integer not null default 0,
  hidden boolean not null default false,
  open_in text not null default 'slim-window' check (open_in in ('tab', 'window', 'slim-window')),
  tooltip text not null default '' check (length(tooltip) <= 2048),
  created_at timestamptz(3) not null default now(),
  unique (agent_id, slug)
);
