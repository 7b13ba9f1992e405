-- The deployment, people, and how they prove who they are: organizations, users, sessions and tokens, one-time links.
--
-- Conventions of all migrations: PostgreSQL 13 is the floor. Times are timestamptz(3), because the program holds them
-- as JavaScript dates: what is read can be compared with what is stored, with nothing lost below the millisecond.
-- Closed sets of words are text with a CHECK, which a later migration can change without rewriting the table.

create table site_configs (
  key text primary key,
  value text not null
);

-- Names this deployment to its clients, for as long as the database lives.
insert into site_configs (key, value) values ('deployment_id', gen_random_uuid()::text);

create table organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  display_name text not null default '',
  description text not null default '',
  icon text not null default '',
  is_default boolean not null default false,
  deleted boolean not null default false,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create unique index organizations_name on organizations (lower(name)) where not deleted;
create unique index organizations_single_default on organizations (is_default) where is_default;

insert into organizations (name, display_name, is_default) values ('coder', 'Coder', true);

create table users (
  id uuid primary key default gen_random_uuid(),
  username text not null check (length(username) between 1 and 32),
  email text not null,
  name text not null default '' check (length(name) <= 128),
  avatar_url text not null default '',
  -- A PHC string; null for a person who has no password (the owner made by the desktop, single sign-on).
  hashed_password text,
  status text not null default 'active' check (status in ('active', 'dormant', 'suspended')),
  rbac_roles text[] not null default '{}',
  login_type text not null default 'password'
    check (login_type in ('password', 'github', 'oidc', 'token', 'none', 'oauth2_provider_app')),
  theme_preference text not null default '',
  deleted boolean not null default false,
  last_seen_at timestamptz(3),
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create unique index users_username on users (lower(username)) where not deleted;
create unique index users_email on users (lower(email)) where not deleted;

create table organization_members (
  organization_id uuid not null references organizations on delete cascade,
  user_id uuid not null references users on delete cascade,
  roles text[] not null default '{}',
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  primary key (organization_id, user_id)
);
create index organization_members_user on organization_members (user_id);

create table api_keys (
  -- The public half of `<id>-<secret>`: how a key is looked up. Only the hash of the secret half is kept.
  id text primary key check (length(id) = 10),
  hashed_secret bytea not null,
  user_id uuid not null references users on delete cascade,
  login_type text not null
    check (login_type in ('password', 'github', 'oidc', 'token', 'none', 'oauth2_provider_app')),
  token_name text not null default '',
  scopes text[] not null default '{all}',
  lifetime_seconds bigint not null,
  ip_address text not null default '',
  last_used_at timestamptz(3),
  expires_at timestamptz(3) not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create index api_keys_user on api_keys (user_id);
create unique index api_keys_token_name on api_keys (user_id, token_name) where login_type = 'token' and token_name <> '';

-- One-time links into the dashboard. Without a user, the link makes the first one.
create table launch_codes (
  hashed_code bytea primary key,
  user_id uuid references users on delete cascade,
  created_at timestamptz(3) not null default now(),
  expires_at timestamptz(3) not null,
  used_at timestamptz(3)
);
