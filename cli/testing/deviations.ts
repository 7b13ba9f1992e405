// Where our command line differs on purpose from what testing/official-commands.json says, each with the reason.
// official-commands.test.ts fails for a difference that is not here, and for one here that there no longer is.

export interface Deviation {
  readonly reason: string
  /** `command`, `command --flag`, or `command <arguments>`; the whole of a command, also with those below it, as `command *`,
   *  its flags as `command --*`. */
  readonly what: readonly string[]
}

export const deviations: readonly Deviation[] = [
  {
    reason: 'They speak to workspaces over a WireGuard network, which there is none of: each says what to use instead.',
    what: ['config-ssh *', 'netcheck *', 'ping *', 'port-forward *', 'speedtest *', 'ssh *', 'vscodessh *'],
  },
  {
    reason: 'They serve the network of an application that is not for this deployment.',
    what: ['connect *', 'vpn-daemon *'],
  },
  {
    reason: 'They show its own developers what questions and errors look like, or serve their tests.',
    what: [
      'exp example-error *',
      'exp prompt-example *',
      'exp mcp configure claude-code --claude-code-use-bedrock',
      'exp mcp configure claude-code --claude-test-binary-name',
      'open app --test.open-error',
      'open vscode --test.open-error',
      'templates create --test.provisioner',
      'templates push --test.provisioner',
      'templates push --test.workdir',
      ' --debug-http',
    ],
  },
  {
    reason: 'On their own, without a command that uses them, they say nothing.',
    what: [' --agent-token', ' --agent-token-file', ' --agent-url', ' --auth'],
  },
  {
    reason: 'The server reads its flags itself, in a bundle of its own; `--help` after it lists those.',
    what: ['server <arguments>', 'server --*'],
  },
  {
    reason: 'The agent is started by templates, and told everything by its environment.',
    what: ['agent <arguments>', 'agent --*'],
  },
  {
    reason: 'An edit leaves what is not named as it is: nothing is taken by default.',
    what: [
      'templates edit --allow-user-autostart',
      'templates edit --allow-user-autostop',
      'templates edit --allow-user-cancel-workspace-jobs',
      'templates edit --dormancy-auto-deletion',
      'templates edit --dormancy-threshold',
      'templates edit --failure-ttl',
    ],
  },
  {
    reason: 'They put loads on a deployment of many people: prebuilt workspaces, mail, language models. Not built yet.',
    what: [
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
  { reason: 'Node keeps no profiles that could be asked for while it runs.', what: ['support bundle --pprof'] },
  { reason: 'The starters are our own.', what: ['templates init --id'] },
  { reason: 'Several dependencies may be named at once.', what: ['exp sync want <arguments>'] },
  {
    reason: 'The database is signed in to by its address alone.',
    what: ['reset-password --postgres-connection-auth', 'server create-admin-user --postgres-connection-auth'],
  },
  {
    reason: 'There is one organization.',
    what: ['organizations create *'],
  },
  { reason: 'No messages are pushed to browsers.', what: ['server regenerate-vapid-keypair *'] },
]
