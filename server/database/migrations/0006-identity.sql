-- Who may do what: tokens that may do less than their user, and who may use a template.

-- The objects a token is for, as [{"type": "workspace", "id": "…"}]; a * is every type or every id.
alter table api_keys add column allow_list jsonb not null default '[{"type": "*", "id": "*"}]';

-- Everybody in an organization may use its templates until somebody says otherwise. The group of everybody has the
-- organization's id.
update templates set group_acl = jsonb_build_object(organization_id::text, 'use') where group_acl = '{}';
