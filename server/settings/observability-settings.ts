// How the deployment is watched: its health, its metrics.

import type { Setting } from './setting.ts'

export const observabilitySettings = {
  healthCheckRefresh: {
    name: 'Health Check Refresh',
    flag: 'health-check-refresh',
    env: 'CODER_HEALTH_CHECK_REFRESH',
    yaml: 'refresh',
    group: 'healthCheck',
    kind: 'duration',
    help: 'How long a health report is good for before the parts are looked at again.',
    fallback: '10m',
  },
  healthCheckThresholdDatabase: {
    name: 'Health Check Threshold: Database',
    flag: 'health-check-threshold-database',
    env: 'CODER_HEALTH_CHECK_THRESHOLD_DATABASE',
    yaml: 'thresholdDatabase',
    group: 'healthCheck',
    kind: 'duration',
    help: 'How long the database may take to answer before that is told as slow.',
    fallback: '15ms',
  },
  prometheusEnable: {
    name: 'Prometheus Enable',
    flag: 'prometheus-enable',
    env: 'CODER_PROMETHEUS_ENABLE',
    yaml: 'enable',
    group: 'prometheus',
    kind: 'flag',
    help: 'Serve metrics for Prometheus on an address of their own.',
    fallback: 'false',
  },
  prometheusAddress: {
    name: 'Prometheus Address',
    flag: 'prometheus-address',
    env: 'CODER_PROMETHEUS_ADDRESS',
    yaml: 'address',
    group: 'prometheus',
    kind: 'text',
    help: 'Address to serve metrics on.',
    fallback: '127.0.0.1:2112',
  },
  prometheusCollectAgentStats: {
    name: 'Prometheus Collect Agent Stats',
    flag: 'prometheus-collect-agent-stats',
    env: 'CODER_PROMETHEUS_COLLECT_AGENT_STATS',
    yaml: 'collect_agent_stats',
    group: 'prometheus',
    kind: 'flag',
    help: 'Add what agents report about connections to the metrics. Makes one series for each agent.',
    fallback: 'false',
  },
} as const satisfies Readonly<Record<string, Setting>>
