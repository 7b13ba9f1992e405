-- Whether a version runs programs on the provisioner's own computer, as the person who owns the deployment: only an
-- owner may use such a version. Found by its import.
alter table template_versions add column executes_here boolean not null default false;
