// What clients write into the SSH configuration of people.

import type { Setting } from './setting.ts'

export const sshSettings = {
  sshHostnamePrefix: {
    name: 'SSH Host Prefix',
    flag: 'ssh-hostname-prefix',
    env: 'CODER_SSH_HOSTNAME_PREFIX',
    yaml: 'sshHostnamePrefix',
    group: 'client',
    kind: 'text',
    help: 'What the host names of workspaces begin with in the SSH configuration.',
    fallback: 'coder.',
  },
  workspaceHostnameSuffix: {
    name: 'Workspace Hostname Suffix',
    flag: 'workspace-hostname-suffix',
    env: 'CODER_WORKSPACE_HOSTNAME_SUFFIX',
    yaml: 'workspaceHostnameSuffix',
    group: 'client',
    kind: 'text',
    help: 'What the host names of workspaces end with in the SSH configuration.',
    fallback: 'coder',
  },
  sshConfigOptions: {
    name: 'SSH Config Options',
    flag: 'ssh-config-options',
    env: 'CODER_SSH_CONFIG_OPTIONS',
    yaml: 'sshConfigOptions',
    group: 'client',
    kind: 'list',
    help: 'Options to add to the SSH configuration of workspaces, as key=value with commas between.',
    fallback: '',
  },
} as const satisfies Readonly<Record<string, Setting>>
