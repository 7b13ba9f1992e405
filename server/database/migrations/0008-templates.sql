-- Templates, whole: what an import found besides parameters, what daemons did, and how many people there were when.

-- New templates are asked for in the form that the template itself computes.
alter table templates alter column use_classic_parameter_flow set default false;

alter table template_versions
  -- Whether it computes tags: then each build asks the engine which provisioners may take it.
  add column has_workspace_tags boolean not null default false;

create index template_versions_example on template_versions (source_example_id) where source_example_id is not null;

-- What a daemon does and did last, and the lists of jobs.
create index provisioner_jobs_worker on provisioner_jobs (worker_id, started_at desc) where worker_id is not null;
create index provisioner_jobs_file on provisioner_jobs (file_id);

-- Each state a user has been in, from when on: how many there were of each on a day of the past.
create table user_status_changes (
  id bigserial primary key,
  user_id uuid not null references users on delete cascade,
  -- Null from when the user was deleted.
  new_status text check (new_status in ('active', 'dormant', 'suspended')),
  changed_at timestamptz(3) not null default now()
);
create index user_status_changes_user on user_status_changes (user_id, changed_at);

insert into user_status_changes (user_id, new_status, changed_at)
select id, status, created_at from users where not deleted;

create function note_user_status() returns trigger language plpgsql as $$
begin
  insert into user_status_changes (user_id, new_status) values (new.id, case when new.deleted then null else new.status end);
  return null;
end $$;
create trigger users_note_first_status after insert on users
  for each row execute function note_user_status();
create trigger users_note_status after update of status, deleted on users
  for each row when (old.status is distinct from new.status or old.deleted is distinct from new.deleted)
  execute function note_user_status();

-- What agents reported, by half hours: how many minutes a user had something open in workspaces of a template, and how
-- long connections took to answer. Reports themselves are dropped after some time; this stays.
create table template_usage_stats (
  start_time timestamptz(3) not null,
  template_id uuid not null references templates on delete cascade,
  user_id uuid not null references users on delete cascade,
  usage_mins smallint not null,
  vscode_mins smallint not null,
  jetbrains_mins smallint not null,
  reconnecting_pty_mins smallint not null,
  ssh_mins smallint not null,
  -- Null where none was measured.
  median_latency_ms double precision,
  primary key (start_time, template_id, user_id)
);
