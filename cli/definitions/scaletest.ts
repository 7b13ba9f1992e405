// `coder exp scaletest`: load tests.

import { type Command, Option } from 'commander'
import { lazily, parseInteger, repeatableOption, switchVariable, yesOption } from './options.ts'

export function addScaletestCommands(exp: Command): void {
  const scaletest = exp.command('scaletest').description('Run load tests against a deployment')
  addCreate(scaletest)
  addTraffic(scaletest)
  cleanup(scaletest.command('cleanup').description('Delete the users and workspaces of load tests'))
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/experimental/scaletest.ts')).cleanUp))
}

function addCreate(scaletest: Command): void {
  const create = scaletest
    .command('create-workspaces')
    .description('Create many users with a workspace each, and wait until they are ready')
    .addOption(count('-c, --count <number>', 'Number of workspaces', 1, 'CODER_SCALETEST_COUNT'))
    .addOption(
      new Option('-t, --template <template>', 'Template of the workspaces')
        .makeOptionMandatory()
        .env('CODER_SCALETEST_TEMPLATE'),
    )
    .addOption(repeatableOption('--parameter <name=value>', 'Value of a parameter').env('CODER_RICH_PARAMETER'))
    .addOption(
      new Option('--use-host-login', 'Create all workspaces for yourself, without users').env(
        switchVariable('CODER_SCALETEST_USE_HOST_LOGIN'),
      ),
    )
    .addOption(
      new Option('--no-cleanup', 'Keep the workspaces afterward').env(switchVariable('CODER_SCALETEST_NO_CLEANUP')),
    )
    .addOption(
      new Option('--no-wait-for-agents', 'Do not wait for the agents').env(
        switchVariable('CODER_SCALETEST_NO_WAIT_FOR_AGENTS'),
      ),
    )
    .addOption(
      new Option('--run-command <command>', 'Command to run in each workspace').env('CODER_SCALETEST_RUN_COMMAND'),
    )
    .addOption(
      new Option('--run-timeout <duration>', 'Time limit of the command')
        .default('5s')
        .env('CODER_SCALETEST_RUN_TIMEOUT'),
    )
    .addOption(
      new Option('--run-expect-output <text>', 'Text that the output of the command must contain').env(
        'CODER_SCALETEST_RUN_EXPECT_OUTPUT',
      ),
    )
    .addOption(
      new Option('--run-log-output', 'Include the output of the command in the results').env(
        switchVariable('CODER_SCALETEST_RUN_LOG_OUTPUT'),
      ),
    )
  cleanup(strategy(create)).action(
    lazily(async () => (await import('../commands/experimental/scaletest.ts')).createWorkspaces),
  )
}

function addTraffic(scaletest: Command): void {
  const traffic = scaletest
    .command('workspace-traffic')
    .description('Send input to a terminal of each load-test workspace for the duration of --job-timeout')
    .addOption(
      new Option('-t, --template <template>', 'Only workspaces of this template').env('CODER_SCALETEST_TEMPLATE'),
    )
    .addOption(
      new Option('--target-workspaces <from:to>', 'Only this range of workspaces, sorted by name').env(
        'CODER_SCALETEST_TARGET_WORKSPACES',
      ),
    )
    .addOption(
      count(
        '--bytes-per-tick <number>',
        'Number of bytes per interval',
        1024,
        'CODER_SCALETEST_WORKSPACE_TRAFFIC_BYTES_PER_TICK',
      ),
    )
    .addOption(
      new Option('--tick-interval <duration>', 'Interval between inputs')
        .default('100ms')
        .env('CODER_SCALETEST_WORKSPACE_TRAFFIC_TICK_INTERVAL'),
    )
  strategy(traffic, 0).action(
    lazily(async () => (await import('../commands/experimental/scaletest-traffic.ts')).sendTraffic),
  )
}

const count = (flags: string, description: string, fallback: number, variable: string) =>
  new Option(flags, description).argParser(parseInteger).default(fallback).env(variable)

const duration = (flags: string, description: string, fallback: string, variable: string) =>
  new Option(flags, description).default(fallback).env(variable)

/** @param concurrency the default; 0 for all */
const strategy = (command: Command, concurrency = 1): Command =>
  command
    .addOption(
      count(
        '--concurrency <number>',
        'Number of concurrent jobs; 0 for all',
        concurrency,
        'CODER_SCALETEST_CONCURRENCY',
      ),
    )
    .addOption(duration('--timeout <duration>', 'Time limit of the test; 0 for none', '30m', 'CODER_SCALETEST_TIMEOUT'))
    .addOption(
      duration('--job-timeout <duration>', 'Time limit of each job; 0 for none', '5m', 'CODER_SCALETEST_JOB_TIMEOUT'),
    )
    .addOption(
      repeatableOption('--output <format>', '`text` or `json`, optionally with `:file` to write to a file').env(
        'CODER_SCALETEST_OUTPUTS',
      ),
    )

const cleanup = (command: Command): Command =>
  command
    .addOption(
      count(
        '--cleanup-concurrency <number>',
        'Number of concurrent deletions; 0 for all',
        1,
        'CODER_SCALETEST_CLEANUP_CONCURRENCY',
      ),
    )
    .addOption(
      duration('--cleanup-timeout <duration>', 'Time limit of the cleanup', '30m', 'CODER_SCALETEST_CLEANUP_TIMEOUT'),
    )
    .addOption(
      duration(
        '--cleanup-job-timeout <duration>',
        'Time limit of each deletion',
        '5m',
        'CODER_SCALETEST_CLEANUP_JOB_TIMEOUT',
      ),
    )
