-- Names this deployment to its clients, for as long as the database lives.
insert into site_configs (key, value) values ('deployment_id', gen_random_uuid()::text);
