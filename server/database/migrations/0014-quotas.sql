-- What the workspaces of a member may cost a day, which each group adds to.

alter table groups add column quota_allowance integer not null default 0 check (quota_allowance >= 0);
