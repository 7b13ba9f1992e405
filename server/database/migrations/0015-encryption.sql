-- Encryption of secrets. A value is encrypted if the key column beside it is set, else plain; coderd encrypts plain values
-- when it starts.

-- Every key that may have encrypted a value. The keys themselves are outside the database.
create table encryption_keys (
  id text primary key,
  created_at timestamptz(3) not null default now()
);

alter table git_ssh_keys add column private_key_key_id text references encryption_keys;
alter table workspace_builds add column provisioner_state_key_id text references encryption_keys;
-- Set for sensitive variables only.
alter table template_version_variables add column value_key_id text references encryption_keys;

-- An ended import needs its variable values no more: they are stored with the variables of the version.
update provisioner_jobs set input = input - 'user_variable_values'
where completed_at is not null and input ? 'user_variable_values';
