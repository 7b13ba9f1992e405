-- Who may do what, and what people keep about themselves: tokens that may do less than their user, who may use a
-- template, settings, keys for git, forgotten passwords; and how every coderd learns that somebody's access changed.

-- The objects a token is for, as [{"type": "workspace", "id": "…"}]; a * is every type or every id.
alter table api_keys add column allow_list jsonb not null default '[{"type": "*", "id": "*"}]';

-- Everybody in an organization may use its templates until somebody says otherwise. The group of everybody has the
-- organization's id.
update templates set group_acl = jsonb_build_object(organization_id::text, 'use') where group_acl = '{}';

alter table users
  add column terminal_font text not null default '',
  add column task_notification_alert_dismissed boolean not null default false,
  -- A cron line with time zone; empty for the deployment's own.
  add column quiet_hours_schedule text not null default '',
  -- Of a password that was forgotten: whoever has the passcode may set a new one until then.
  add column hashed_one_time_passcode bytea,
  add column one_time_passcode_expires_at timestamptz(3);

-- Whether nobody may share a workspace with others of the organization.
alter table organizations add column workspace_sharing_disabled boolean not null default false;

-- The list of users, in its order and without those who left.
create index users_list on users (lower(username)) where not deleted;

-- One pair a user, made when first asked for.
create table git_ssh_keys (
  user_id uuid primary key references users on delete cascade,
  public_key text not null,
  private_key text not null,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now()
);

-- coderd keeps for a moment who is behind a key, and holds streams open. Told here, not by the program, no way of
-- changing a user can forget it. `ends`: what is open now is to be closed; else only what is remembered is stale.
create function tell_access_changed(user_id uuid, key_id text, ends boolean) returns void language sql as $$
  select pg_notify('access_changed', json_build_object('user_id', user_id, 'key_id', key_id, 'ends', ends)::text)
$$;

create function user_changed() returns trigger language plpgsql as $$
begin
  perform tell_access_changed(
    new.id, null, new.deleted or new.status = 'suspended' or old.rbac_roles is distinct from new.rbac_roles
  );
  return null;
end $$;
create trigger user_changed after update on users
  for each row when (old.* is distinct from new.*) execute function user_changed();

create function member_changed() returns trigger language plpgsql as $$
begin
  perform tell_access_changed(coalesce(new.user_id, old.user_id), null, tg_op <> 'INSERT');
  return null;
end $$;
create trigger member_changed after insert or update or delete on organization_members
  for each row execute function member_changed();

create function key_changed() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    perform tell_access_changed(old.user_id, old.id, true);
  else
    perform tell_access_changed(new.user_id, new.id, new.expires_at <= now());
  end if;
  return null;
end $$;
create trigger key_changed after update or delete on api_keys for each row execute function key_changed();
