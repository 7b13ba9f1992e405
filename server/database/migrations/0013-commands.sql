-- The history of commands that ran in terminals.

create table terminal_commands (
  id uuid primary key default gen_random_uuid(),
  -- Whose history it is: the owner of the workspace when it ran.
  user_id uuid not null references users on delete cascade,
  workspace_id uuid not null references workspaces on delete cascade,
  agent_name text not null,
  session_id text not null,
  command text not null,
  cwd text not null,
  -- Null where the shell ended with the command.
  exit_code integer,
  started_at timestamptz(3) not null,
  duration_ms bigint not null
);
create index terminal_commands_user on terminal_commands (user_id, started_at desc, id desc);
-- A session runs one command at a time: an agent that reports once more what was kept already changes nothing.
create unique index terminal_commands_once on terminal_commands (workspace_id, session_id, started_at);
