-- Work for provisioners: the files they unpack, the jobs they take, what those jobs said and how long they took.

create table files (
  id uuid primary key default gen_random_uuid(),
  -- SHA-256 of `data`, in hex.
  hash text not null check (length(hash) = 64),
  created_by uuid not null references users,
  mimetype text not null,
  data bytea not null,
  created_at timestamptz(3) not null default now(),
  unique (hash, created_by)
);

create table provisioner_daemons (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations on delete cascade,
  name text not null check (length(name) between 1 and 64),
  version text not null default '',
  api_version text not null default '',
  provisioners text[] not null default '{terraform}',
  tags jsonb not null default '{}',
  created_at timestamptz(3) not null default now(),
  last_seen_at timestamptz(3)
);
create unique index provisioner_daemons_name on provisioner_daemons (organization_id, lower(name));

create table provisioner_jobs (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations,
  initiator_id uuid not null references users,
  type text not null check (type in ('template_version_import', 'template_version_dry_run', 'workspace_build')),
  file_id uuid not null references files,
  input jsonb not null default '{}',
  tags jsonb not null default '{}',
  -- The daemon that took the job. No foreign key: a job outlives the row of the daemon that ran it.
  worker_id uuid,
  error text,
  error_code text check (error_code in ('REQUIRED_TEMPLATE_VARIABLES', 'MISSING_TEMPLATE_PARAMETER')),
  -- Bytes of log kept. Beyond the limit lines are dropped and the job says that its log overflowed.
  logs_length integer not null default 0 check (logs_length between 0 and 1048576),
  logs_overflowed boolean not null default false,
  created_at timestamptz(3) not null default now(),
  -- Written by every heartbeat of the daemon: a running job that falls silent is reaped.
  updated_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  canceled_at timestamptz(3),
  completed_at timestamptz(3),
  job_status text not null generated always as (
    case
      when coalesce(error, '') <> '' then 'failed'
      when completed_at is not null and canceled_at is not null then 'canceled'
      when completed_at is not null then 'succeeded'
      when canceled_at is not null then 'canceling'
      when started_at is null then 'pending'
      else 'running'
    end
  ) stored
);
create index provisioner_jobs_pending on provisioner_jobs (created_at) where started_at is null and completed_at is null;
create index provisioner_jobs_heartbeat on provisioner_jobs (updated_at)
  where started_at is not null and completed_at is null;
create index provisioner_jobs_created on provisioner_jobs (organization_id, created_at);

create table provisioner_job_logs (
  id bigserial primary key,
  job_id uuid not null references provisioner_jobs on delete cascade,
  created_at timestamptz(3) not null default now(),
  source text not null check (source in ('provisioner', 'provisioner_daemon')),
  level text not null check (level in ('trace', 'debug', 'info', 'warn', 'error')),
  stage text not null,
  output text not null
);
create index provisioner_job_logs_job on provisioner_job_logs (job_id, id);

create table provisioner_job_timings (
  job_id uuid not null references provisioner_jobs on delete cascade,
  started_at timestamptz(3) not null,
  ended_at timestamptz(3) not null,
  stage text not null check (stage in ('init', 'plan', 'graph', 'apply')),
  source text not null,
  action text not null,
  resource text not null
);
create index provisioner_job_timings_job on provisioner_job_timings (job_id);
