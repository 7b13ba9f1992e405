// Commands that connect to workspaces: SSH and forwarded ports.

import { type Command, Option } from 'commander'
import { lazily, parseInteger, repeatableOption, switchVariable, withListOptions, yesOption } from './options.ts'

export function addConnectionCommands(program: Command): void {
  addSsh(program)
  addVscodeSsh(program)
  addConfigSsh(program)
  addPortForward(program)
  addCopy(program)
  addMeasurements(program)
}

const waitOption = () =>
  new Option('--wait <when>', 'Whether to wait for the start scripts; `auto` waits for those that block logins')
    .choices(['yes', 'no', 'auto'])
    .default('auto')

function addSsh(program: Command): void {
  program
    .command('ssh <workspace> [command...]')
    .description('Open a shell or run a command in a workspace, with the SSH client of this computer')
    .addOption(
      new Option('--stdio', 'Serve as the ProxyCommand of an SSH client').env(switchVariable('CODER_SSH_STDIO')),
    )
    .addOption(
      new Option('--ssh-host-prefix <prefix>', 'Prefix to remove from the name of the workspace').env(
        'CODER_SSH_SSH_HOST_PREFIX',
      ),
    )
    .addOption(
      new Option('--hostname-suffix <suffix>', 'Suffix to remove from the name of the workspace').env(
        'CODER_SSH_HOSTNAME_SUFFIX',
      ),
    )
    .addOption(
      new Option('-A, --forward-agent', 'Forward the SSH agent of this computer').env(
        switchVariable('CODER_SSH_FORWARD_AGENT'),
      ),
    )
    .addOption(
      new Option('--identity-agent <socket>', 'Socket of the SSH agent to forward').env('CODER_SSH_IDENTITY_AGENT'),
    )
    .addOption(
      repeatableOption(
        '-R, --remote-forward <forward>',
        'Forward a port of the workspace (port:host:port) or a Unix socket (/remote:/local) to this computer',
      ).env('CODER_SSH_REMOTE_FORWARD'),
    )
    .addOption(repeatableOption('-e, --env <name=value>', 'Environment variable of the session').env('CODER_SSH_ENV'))
    .addOption(waitOption().env('CODER_SSH_WAIT'))
    .addOption(new Option('--no-wait', 'Do not wait for the start scripts').env(switchVariable('CODER_SSH_NO_WAIT')))
    .addOption(disableAutostartOption().env(switchVariable('CODER_SSH_DISABLE_AUTOSTART')))
    .addOption(new Option('--network-info-dir <folder>', 'Folder for the state of the connection, with --stdio'))
    .addOption(networkInfoInterval())
    .addOption(
      new Option('-l, --log-dir <folder>', 'Folder for a log of the connection, with --stdio').env('CODER_SSH_LOG_DIR'),
    )
    .addOption(new Option('--usage-app <app>', 'Report the use of this app').hideHelp())
    .addOption(new Option('--container <name>', 'Not supported').hideHelp())
    .addOption(new Option('--container-user <name>', 'Not supported').hideHelp())
    .addOption(new Option('--force-new-tunnel', 'Ignored: every session has a connection of its own').hideHelp())
    .addOption(
      new Option('--workspace-poll-interval <duration>', 'Ignored: changes are pushed')
        .default('1m')
        .env('CODER_WORKSPACE_POLL_INTERVAL'),
    )
    .action(lazily(async () => (await import('../commands/ssh/ssh.ts')).ssh))
}

function addVscodeSsh(program: Command): void {
  program
    .command('vscodessh <host>', { hidden: true })
    .description('Serve as the ProxyCommand of the VS Code extension')
    .option('--url-file <file>', 'File with the URL of the deployment')
    .option('--session-token-file <file>', 'File with the session token')
    .option('--network-info-dir <folder>', 'Folder for the state of the connection')
    .addOption(networkInfoInterval())
    .option('--log-dir <folder>', 'Folder for a log of the connection')
    .addOption(waitOption())
    .action(lazily(async () => (await import('../commands/ssh/vscodessh.ts')).vscodessh))
}

function addConfigSsh(program: Command): void {
  program
    .command('config-ssh')
    .description('Configure the SSH client of this computer: `ssh coder.<workspace>`')
    .addOption(
      new Option('--ssh-config-file <file>', 'Configuration file')
        .default('~/.ssh/config')
        .env('CODER_SSH_CONFIG_FILE'),
    )
    .addOption(
      new Option('--coder-binary-path <file>', 'Program that the configuration runs; by default this one').env(
        'CODER_SSH_CONFIG_BINARY_PATH',
      ),
    )
    .addOption(
      repeatableOption('-o, --ssh-option <name=value>', 'SSH option for workspaces').env('CODER_SSH_CONFIG_OPTS'),
    )
    .addOption(
      new Option('-n, --dry-run', 'Print the section instead of writing it').env(switchVariable('CODER_SSH_DRY_RUN')),
    )
    .addOption(
      new Option('--use-previous-options', 'Use the options of the previous run').env(
        switchVariable('CODER_SSH_USE_PREVIOUS_OPTIONS'),
      ),
    )
    .addOption(
      new Option('--ssh-host-prefix <prefix>', 'Prefix of the host names; by default that of the deployment').env(
        'CODER_CONFIGSSH_SSH_HOST_PREFIX',
      ),
    )
    .addOption(
      new Option('--hostname-suffix <suffix>', 'Suffix of the host names; by default that of the deployment').env(
        'CODER_CONFIGSSH_HOSTNAME_SUFFIX',
      ),
    )
    .addOption(waitOption().env('CODER_CONFIGSSH_WAIT'))
    .addOption(disableAutostartOption().env(switchVariable('CODER_CONFIGSSH_DISABLE_AUTOSTART')))
    .addOption(
      new Option('--skip-proxy-command', 'Leave out the ProxyCommand')
        .env(switchVariable('CODER_SSH_SKIP_PROXY_COMMAND'))
        .hideHelp(),
    )
    .addOption(new Option('--force-unix-filepaths', 'Ignored').hideHelp())
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/ssh/config-ssh.ts')).configSsh))
}

function addPortForward(program: Command): void {
  program
    .command('port-forward <workspace>')
    .alias('tunnel')
    .description('Forward ports of this computer to a workspace: `--tcp 8080:80,9000-9010`')
    .addOption(
      repeatableOption('-p, --tcp <ports>', 'TCP ports: local, local:workspace or address:local:workspace').env(
        'CODER_PORT_FORWARD_TCP',
      ),
    )
    .addOption(repeatableOption('--udp <ports>', 'UDP ports, in the same form').env('CODER_PORT_FORWARD_UDP'))
    .addOption(disableAutostartOption().env(switchVariable('CODER_SSH_DISABLE_AUTOSTART')))
    .action(lazily(async () => (await import('../commands/ssh/port-forward.ts')).portForward))
}

function addCopy(program: Command): void {
  program
    .command('cp <path> <path...>')
    .usage('[options] <source...> <target>')
    .description('Copy files between this computer and workspaces: `coder cp notes.txt dev:`')
    .option('-r, --recursive', 'Copy folders')
    .option('-p, --preserve', 'Keep times and permissions')
    .option('-q, --quiet', 'Show no progress')
    .addOption(waitOption())
    .addOption(disableAutostartOption().env(switchVariable('CODER_SSH_DISABLE_AUTOSTART')))
    .action(lazily(async () => (await import('../commands/ssh/cp.ts')).cp))
}

function addMeasurements(program: Command): void {
  program
    .command('ping <workspace>')
    .description('Measure the round-trip time to a workspace')
    .addOption(new Option('--wait <duration>', 'Time between pings').default('1s'))
    .addOption(new Option('-t, --timeout <duration>', 'How long a ping waits for its answer').default('5s'))
    .addOption(new Option('-n, --num <count>', 'Number of pings; unlimited by default').argParser(parseInteger))
    .option('--time', 'Show the time of each ping')
    .option('--utc', 'Show the time of each ping in UTC')
    .action(lazily(async () => (await import('../commands/ssh/ping.ts')).ping))
  withListOptions(program.command('speedtest <workspace>'), 'speedtest')
    .description('Measure the throughput to a workspace')
    .addOption(new Option('--direction <direction>', 'Direction of the data').choices(['up', 'down']).default('down'))
    .addOption(new Option('-t, --time <duration>', 'Duration of the measurement').default('5s'))
    .addOption(new Option('-d, --direct', 'Ignored: there are no direct connections'))
    .addOption(new Option('--pcap-file <file>', 'Not supported'))
    .action(lazily(async () => (await import('../commands/ssh/speedtest.ts')).speedtest))
  program
    .command('netcheck')
    .allowExcessArguments()
    .description('Report on the connection to the deployment, as JSON')
    .action(lazily(async () => (await import('../commands/ssh/netcheck.ts')).netcheck))
}

const networkInfoInterval = () =>
  new Option('--network-info-interval <duration>', 'How often the state is written').default('5s')

const disableAutostartOption = () => new Option('--disable-autostart', 'Do not start a stopped workspace')
