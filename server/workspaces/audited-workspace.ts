// Common fields of audit log entries about workspaces.

import type { Row } from '../database/schema.ts'

export const auditedWorkspace = (workspace: Row<'workspaces'>) =>
  ({
    action: 'write',
    resource: 'workspace',
    id: workspace.id,
    target: workspace.name,
    organizationId: workspace.organization_id,
  }) as const
