// Common fields of audit log entries about templates.

import type { Row } from '../database/schema.ts'

export const auditedTemplate = (template: Row<'templates'>) =>
  ({
    resource: 'template',
    id: template.id,
    target: template.name,
    organizationId: template.organization_id,
    icon: template.icon,
  }) as const
