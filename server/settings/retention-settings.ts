// How long what is over is kept.

import type { Setting } from './setting.ts'

export const retentionSettings = {
  auditLogsRetention: {
    name: 'Audit Logs Retention',
    flag: 'audit-logs-retention',
    env: 'CODER_AUDIT_LOGS_RETENTION',
    yaml: 'audit_logs',
    group: 'retention',
    kind: 'duration',
    help: 'How long the audit log remembers, such as 365d. 0 for ever.',
    fallback: '0',
  },
  connectionLogsRetention: {
    name: 'Connection Logs Retention',
    flag: 'connection-logs-retention',
    env: 'CODER_CONNECTION_LOGS_RETENTION',
    yaml: 'connection_logs',
    group: 'retention',
    kind: 'duration',
    help: 'How long the connection log remembers, such as 90d. 0 for ever.',
    fallback: '0',
  },
  apiKeysRetention: {
    name: 'API Keys Retention',
    flag: 'api-keys-retention',
    env: 'CODER_API_KEYS_RETENTION',
    yaml: 'api_keys',
    group: 'retention',
    kind: 'duration',
    help: 'How long a key that is over is still listed. 0 for ever.',
    fallback: '7d',
  },
  workspaceAgentLogsRetention: {
    name: 'Workspace Agent Logs Retention',
    flag: 'workspace-agent-logs-retention',
    env: 'CODER_WORKSPACE_AGENT_LOGS_RETENTION',
    yaml: 'workspace_agent_logs',
    group: 'retention',
    kind: 'duration',
    help: 'How long after an agent was last heard of its logs stay, but for those of the latest build. 0 for ever.',
    fallback: '7d',
  },
} as const satisfies Readonly<Record<string, Setting>>
