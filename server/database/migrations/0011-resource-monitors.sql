-- What of a workspace must not run out, and how it stands with it.

create table workspace_agent_resource_monitors (
  workspace_agent_id uuid not null references workspace_agents on delete cascade,
  kind text not null check (kind in ('memory', 'volume')),
  -- Empty for memory.
  path text not null default '',
  is_enabled boolean not null,
  threshold_percent integer not null check (threshold_percent between 0 and 100),
  -- Whether too much has been in use lately.
  is_alarming boolean not null default false,
  -- Until then nobody is told again.
  quiet_until timestamptz(3),
  updated_at timestamptz(3) not null default now(),
  primary key (workspace_agent_id, kind, path)
);
