-- Templates, their versions, and what an import found in a version: parameters, variables, presets.

create table templates (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations,
  name text not null check (length(name) between 1 and 32),
  display_name text not null default '' check (length(display_name) <= 64),
  description text not null default '',
  icon text not null default '' check (length(icon) <= 256),
  -- Its foreign key follows below: versions and templates point at each other.
  active_version_id uuid not null,
  created_by uuid not null references users,
  default_ttl_ms bigint not null default 0,
  activity_bump_ms bigint not null default 3600000,
  autostop_requirement_days_of_week text[] not null default '{}',
  autostop_requirement_weeks integer not null default 1,
  autostart_requirement_days_of_week text[] not null
    default '{monday,tuesday,wednesday,thursday,friday,saturday,sunday}',
  allow_user_cancel_workspace_jobs boolean not null default true,
  allow_user_autostart boolean not null default true,
  allow_user_autostop boolean not null default true,
  failure_ttl_ms bigint not null default 0,
  time_til_dormant_ms bigint not null default 0,
  time_til_dormant_autodelete_ms bigint not null default 0,
  require_active_version boolean not null default false,
  max_port_share_level text not null default 'owner'
    check (max_port_share_level in ('owner', 'authenticated', 'organization', 'public')),
  cors_behavior text not null default 'simple' check (cors_behavior in ('simple', 'passthru')),
  use_classic_parameter_flow boolean not null default true,
  disable_module_cache boolean not null default false,
  -- Id of a user or group to its role; an empty map grants nothing beyond what roles grant.
  user_acl jsonb not null default '{}',
  group_acl jsonb not null default '{}',
  -- Why the template should no longer be used; empty while it may be.
  deprecation_message text not null default '',
  deleted boolean not null default false,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create unique index templates_name on templates (organization_id, lower(name)) where not deleted;

create table template_versions (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations,
  -- Null while the version is being imported for a template that does not exist yet.
  template_id uuid references templates on delete cascade,
  name text not null check (length(name) between 1 and 64),
  message text not null default '' check (length(message) <= 1048576),
  readme text not null default '' check (length(readme) <= 1048576),
  job_id uuid not null unique references provisioner_jobs,
  -- The built-in template this version was made from, if any.
  source_example_id text,
  has_external_agent boolean not null default false,
  -- Whether it runs programs on the provisioner's own computer, as the person who owns the deployment: only an owner
  -- may use such a version. Found by its import.
  executes_here boolean not null default false,
  archived boolean not null default false,
  created_by uuid not null references users,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  unique (template_id, name)
);
create index template_versions_created on template_versions (template_id, created_at);

alter table templates add foreign key (active_version_id) references template_versions;

create table template_version_parameters (
  template_version_id uuid not null references template_versions on delete cascade,
  name text not null,
  display_name text not null default '',
  description text not null default '',
  type text not null check (type in ('string', 'number', 'bool', 'list(string)')),
  form_type text not null default '' check (form_type in
    ('', 'radio', 'dropdown', 'input', 'textarea', 'slider', 'checkbox', 'switch', 'multi-select', 'tag-select', 'error')),
  mutable boolean not null default false,
  default_value text not null default '',
  icon text not null default '',
  -- A list of {name, description, value, icon}.
  options jsonb not null default '[]',
  validation_regex text not null default '',
  validation_error text not null default '',
  validation_min double precision,
  validation_max double precision,
  validation_monotonic text not null default '' check (validation_monotonic in ('', 'increasing', 'decreasing')),
  required boolean not null default false,
  ephemeral boolean not null default false,
  display_order integer not null default 0,
  primary key (template_version_id, name)
);

create table template_version_variables (
  template_version_id uuid not null references template_versions on delete cascade,
  name text not null,
  description text not null default '',
  -- A Terraform type expression as the template wrote it, such as `list(string)`.
  type text not null default '',
  value text not null default '',
  default_value text not null default '',
  required boolean not null default false,
  sensitive boolean not null default false,
  primary key (template_version_id, name)
);

create table template_version_presets (
  id uuid primary key default gen_random_uuid(),
  template_version_id uuid not null references template_versions on delete cascade,
  name text not null,
  description text not null default '',
  icon text not null default '',
  is_default boolean not null default false,
  desired_prebuild_instances integer,
  created_at timestamptz(3) not null default now(),
  unique (template_version_id, name)
);

create table template_version_preset_parameters (
  template_version_preset_id uuid not null references template_version_presets on delete cascade,
  name text not null,
  value text not null,
  primary key (template_version_preset_id, name)
);
