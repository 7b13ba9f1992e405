// Settings of health checks and Prometheus metrics.

import type { Setting } from './setting.ts'
import { duration, flag, optionalHostPort } from './setting-types.ts'

export const observabilitySettings = {
  healthCheckRefresh: {
    name: 'Health Check Refresh',
    flag: 'health-check-refresh',
    env: 'CODER_HEALTH_CHECK_REFRESH',
    yaml: 'refresh',
    group: 'healthCheck',
    type: duration,
    help: 'How long a health report is cached.',
    default: '10m',
  },
  healthCheckThresholdDatabase: {
    name: 'Health Check Threshold: Database',
    flag: 'health-check-threshold-database',
    env: 'CODER_HEALTH_CHECK_THRESHOLD_DATABASE',
    yaml: 'thresholdDatabase',
    group: 'healthCheck',
    type: duration,
    help: 'Database latency above which the health report shows a warning.',
    default: '15ms',
  },
  prometheusEnable: {
    name: 'Prometheus Enable',
    flag: 'prometheus-enable',
    env: 'CODER_PROMETHEUS_ENABLE',
    yaml: 'enable',
    group: 'prometheus',
    type: flag,
    help: 'Serve Prometheus metrics on a separate address.',
    default: 'false',
    appliesToProxies: true,
  },
  prometheusAddress: {
    name: 'Prometheus Address',
    flag: 'prometheus-address',
    env: 'CODER_PROMETHEUS_ADDRESS',
    yaml: 'address',
    group: 'prometheus',
    type: optionalHostPort,
    help: 'Address of the Prometheus metrics.',
    default: '127.0.0.1:2112',
    appliesToProxies: true,
  },
  prometheusCollectAgentStats: {
    name: 'Prometheus Collect Agent Stats',
    flag: 'prometheus-collect-agent-stats',
    env: 'CODER_PROMETHEUS_COLLECT_AGENT_STATS',
    yaml: 'collect_agent_stats',
    group: 'prometheus',
    type: flag,
    help: 'Include connection metrics of agents. Adds one series per agent.',
    default: 'false',
  },
  prometheusCollectDbMetrics: {
    name: 'Prometheus Collect Database Metrics',
    flag: 'prometheus-collect-db-metrics',
    env: 'CODER_PROMETHEUS_COLLECT_DB_METRICS',
    yaml: 'collect_db_metrics',
    group: 'prometheus',
    type: flag,
    help: 'Include metrics of database queries. Adds one series per query.',
    default: 'false',
  },
} as const satisfies Readonly<Record<string, Setting>>
