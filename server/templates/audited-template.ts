// What every entry of the audit log about a template has in common.

import type { Row } from '../database/schema.ts'

export const auditedTemplate = (template: Row<'templates'>) =>
  ({
    resource: 'template',
    id: template.id,
    target: template.name,
    organizationId: template.organization_id,
    icon: template.icon,
  }) as const
