// Intended differences between our command line and testing/official-commands.json, with their reasons.
// official-commands.test.ts fails for a difference that is not listed, and for a listed one that no longer exists.

export interface Deviation {
  readonly reason: string
  /** `command`, `command --flag` or `command <arguments>`. `command *` covers a command with its subcommands, `command --*`
   *  all of its flags. */
  readonly items: readonly string[]
}

export const deviations: readonly Deviation[] = [
  {
    reason: 'Not implemented.',
    items: ['ssh --forward-gpg'],
  },
  {
    reason: 'They serve the network of Coder Desktop, which does not support this deployment.',
    items: ['connect *', 'vpn-daemon *'],
  },
  {
    reason: 'They demonstrate prompts and errors to the developers of Coder, or serve their tests.',
    items: [
      'exp example-error *',
      'exp prompt-example *',
      'exp mcp configure claude-code --claude-code-use-bedrock',
      'exp mcp configure claude-code --claude-test-binary-name',
      'open app --test.open-error',
      'open vscode --test.open-error',
      'ssh --test.force-ppid',
      'templates create --test.provisioner',
      'templates push --test.provisioner',
      'templates push --test.workdir',
      ' --debug-http',
    ],
  },
  {
    reason: 'They have no effect as global options; the commands that use them declare them.',
    items: [' --agent-token', ' --agent-token-file', ' --agent-url', ' --auth'],
  },
  {
    reason: 'The server parses its own flags in another bundle; `coder server --help` lists them.',
    items: ['server <arguments>', 'server --*'],
  },
  {
    reason: 'Templates start the agent and configure it with environment variables.',
    items: ['agent <arguments>', 'agent --*'],
  },
  {
    reason: 'An edit keeps settings that are not passed, so these flags have no default.',
    items: [
      'templates edit --allow-user-autostart',
      'templates edit --allow-user-autostop',
      'templates edit --allow-user-cancel-workspace-jobs',
      'templates edit --dormancy-auto-deletion',
      'templates edit --dormancy-threshold',
      'templates edit --failure-ttl',
    ],
  },
  {
    reason: 'They test large deployments: prebuilt workspaces, mail, language models. Not implemented.',
    items: [
      'exp scaletest autostart *',
      'exp scaletest bridge *',
      'exp scaletest cleanup --template',
      'exp scaletest create-workspaces --*',
      'exp scaletest dashboard *',
      'exp scaletest dynamic-parameters *',
      'exp scaletest llm-mock *',
      'exp scaletest notifications *',
      'exp scaletest prebuilds *',
      'exp scaletest smtp *',
      'exp scaletest task-status *',
      'exp scaletest workspace-traffic --*',
      'exp scaletest workspace-updates *',
    ],
  },
  { reason: 'Node.js has no pprof endpoint.', items: ['support bundle --pprof'] },
  { reason: 'The starter templates are our own.', items: ['templates init --id'] },
  { reason: 'Several dependencies can be passed in one call.', items: ['exp sync want <arguments>'] },
  {
    reason: 'The database URL is the only authentication method.',
    items: ['reset-password --postgres-connection-auth', 'server create-admin-user --postgres-connection-auth'],
  },
  {
    reason: 'There is one organization.',
    items: ['organizations create *'],
  },
  { reason: 'Web push notifications are not supported.', items: ['server regenerate-vapid-keypair *'] },
]
