// Settings for the retention of logs and expired API keys.

import type { Setting } from './setting.ts'
import { duration } from './setting-types.ts'

export const retentionSettings = {
  auditLogsRetention: {
    name: 'Audit Logs Retention',
    flag: 'audit-logs-retention',
    env: 'CODER_AUDIT_LOGS_RETENTION',
    yaml: 'audit_logs',
    group: 'retention',
    type: duration,
    help: 'How long audit logs are retained, such as 365d. 0 retains them forever.',
    default: '0',
  },
  connectionLogsRetention: {
    name: 'Connection Logs Retention',
    flag: 'connection-logs-retention',
    env: 'CODER_CONNECTION_LOGS_RETENTION',
    yaml: 'connection_logs',
    group: 'retention',
    type: duration,
    help: 'How long connection logs are retained, such as 90d. 0 retains them forever.',
    default: '0',
  },
  apiKeysRetention: {
    name: 'API Keys Retention',
    flag: 'api-keys-retention',
    env: 'CODER_API_KEYS_RETENTION',
    yaml: 'api_keys',
    group: 'retention',
    type: duration,
    help: 'How long expired API keys are retained. 0 retains them forever.',
    default: '7d',
  },
  workspaceAgentLogsRetention: {
    name: 'Workspace Agent Logs Retention',
    flag: 'workspace-agent-logs-retention',
    env: 'CODER_WORKSPACE_AGENT_LOGS_RETENTION',
    yaml: 'workspace_agent_logs',
    group: 'retention',
    type: duration,
    help: "How long an agent's logs are retained after its last connection. Logs of the latest build are always retained. 0 retains all forever.",
    default: '7d',
  },
} as const satisfies Readonly<Record<string, Setting>>
