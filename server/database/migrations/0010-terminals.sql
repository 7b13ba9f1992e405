-- How people want terminals and had them arranged, and what workspaces keep of them.

create table terminal_preferences (
  user_id uuid primary key references users on delete cascade,
  -- Only what was set; the program has the defaults.
  preferences jsonb not null,
  updated_at timestamptz(3) not null default now()
);

create table terminal_layouts (
  user_id uuid primary key references users on delete cascade,
  -- `{last, named}` as api/agents/terminals.ts has them.
  layouts jsonb not null,
  revision integer not null,
  updated_at timestamptz(3) not null default now()
);

alter table workspaces
  add column terminal_kept_lines integer not null default 10000 check (terminal_kept_lines >= 0),
  add column terminal_kept_days integer not null default 30 check (terminal_kept_days > 0);
