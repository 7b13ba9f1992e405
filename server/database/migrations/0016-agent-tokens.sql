-- Agent tokens are stored as SHA-256 hashes. Only the tokens of external agents, which users read, are stored besides,
-- encrypted by coderd when it starts.

alter table workspace_agents
  add column hashed_auth_token bytea,
  -- The key of auth_token, see encryption_keys.
  add column auth_token_key_id text references encryption_keys,
  alter column auth_token drop not null,
  alter column auth_token drop default;
update workspace_agents agent set
  hashed_auth_token = sha256(convert_to(auth_token::text, 'UTF8')),
  auth_token = case when resource.type = 'coder_external_agent' then auth_token end
from workspace_resources resource where resource.id = agent.resource_id;
drop index workspace_agents_auth_token;
-- Writes the table again, which removes the plain tokens from its file.
alter table workspace_agents alter column auth_token type text using auth_token::text;
create unique index workspace_agents_hashed_auth_token on workspace_agents (hashed_auth_token);
