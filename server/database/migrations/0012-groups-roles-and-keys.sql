-- What an organization makes for itself: groups of its members, roles of its own, keys for provisioners outside.

create table groups (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations on delete cascade,
  name text not null,
  display_name text not null default '',
  avatar_url text not null default '',
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);
create unique index groups_name on groups (organization_id, lower(name));

create table group_members (
  group_id uuid not null references groups on delete cascade,
  user_id uuid not null references users on delete cascade,
  created_at timestamptz(3) not null default now(),
  primary key (group_id, user_id)
);
create index group_members_user on group_members (user_id);

-- The group of everybody in an organization has the organization's id, and no members of its own.
insert into groups (id, organization_id, name) select id, id, 'Everyone' from organizations;
create function make_group_of_everybody() returns trigger language plpgsql as $$
begin
  insert into groups (id, organization_id, name) values (new.id, new.id, 'Everyone');
  return null;
end $$;
create trigger organizations_group after insert on organizations
  for each row execute function make_group_of_everybody();

create view members_of_groups as
  select group_id, user_id from group_members
  union all
  select organization_id as group_id, user_id from organization_members;

-- Whoever leaves the organization leaves its groups.
create function leave_groups() returns trigger language plpgsql as $$
begin
  delete from group_members using groups
    where groups.id = group_id and groups.organization_id = old.organization_id and user_id = old.user_id;
  return null;
end $$;
create trigger organization_members_groups after delete on organization_members
  for each row execute function leave_groups();

-- As for members: what a group may use, its members may.
create function group_member_changed() returns trigger language plpgsql as $$
begin
  perform tell_access_changed(coalesce(new.user_id, old.user_id), null, tg_op <> 'INSERT');
  return null;
end $$;
create trigger group_member_changed after insert or delete on group_members
  for each row execute function group_member_changed();

create table custom_roles (
  organization_id uuid not null references organizations on delete cascade,
  name text not null,
  display_name text not null default '',
  -- Lists of {"negate", "resource_type", "action"}: to what belongs to the organization, and to what there is one's own.
  organization_permissions jsonb not null default '[]',
  member_permissions jsonb not null default '[]',
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  primary key (organization_id, name)
);

create function custom_role_changed() returns trigger language plpgsql as $$
begin
  perform tell_access_changed(user_id, null, true) from organization_members
    where organization_id = old.organization_id and old.name = any (roles);
  return null;
end $$;
create trigger custom_role_changed after update or delete on custom_roles
  for each row execute function custom_role_changed();

-- Only the hash of a key is kept.
create table provisioner_keys (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations on delete cascade,
  name text not null,
  hashed_secret bytea not null unique,
  tags jsonb not null default '{}',
  created_at timestamptz(3) not null default now()
);
create unique index provisioner_keys_name on provisioner_keys (organization_id, lower(name));
