-- A session of a page of the dashboard needs a proof besides its key (server/users/page-sessions.ts).
alter table api_keys
  -- The port of the address at which the page signed in; null for a key that is sufficient by itself.
  add column page_port integer;
