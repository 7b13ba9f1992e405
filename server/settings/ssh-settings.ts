// Settings that clients write into users' SSH configuration.

import type { Setting } from './setting.ts'
import { sshOptions, text } from './setting-types.ts'

export const sshSettings = {
  sshHostnamePrefix: {
    name: 'SSH Host Prefix',
    flag: 'ssh-hostname-prefix',
    env: 'CODER_SSH_HOSTNAME_PREFIX',
    yaml: 'sshHostnamePrefix',
    group: 'client',
    type: text,
    help: 'Prefix of the host names of workspaces in the SSH configuration.',
    default: 'coder.',
  },
  workspaceHostnameSuffix: {
    name: 'Workspace Hostname Suffix',
    flag: 'workspace-hostname-suffix',
    env: 'CODER_WORKSPACE_HOSTNAME_SUFFIX',
    yaml: 'workspaceHostnameSuffix',
    group: 'client',
    type: text,
    help: 'Suffix of the host names of workspaces in the SSH configuration.',
    default: 'coder',
  },
  sshConfigOptions: {
    name: 'SSH Config Options',
    flag: 'ssh-config-options',
    env: 'CODER_SSH_CONFIG_OPTIONS',
    yaml: 'sshConfigOptions',
    group: 'client',
    type: sshOptions,
    help: 'Additional SSH options of workspaces, as comma-separated key=value pairs.',
    default: '',
  },
} as const satisfies Readonly<Record<string, Setting>>
