// `coder exp scaletest`: load on a deployment, and what it says to it.

import { type Command, Option } from 'commander'
import { lazily, parseInteger, repeatableOption, switchVariable, yesOption } from './options.ts'

export function addScaletestCommands(exp: Command): void {
  const scaletest = exp.command('scaletest').description('put load on a deployment and measure')
  addCreate(scaletest)
  addTraffic(scaletest)
  cleanup(scaletest.command('cleanup').description('delete the users and workspaces of load tests'))
    .addOption(yesOption())
    .action(lazily(async () => (await import('../commands/experimental/scaletest.ts')).cleanUp))
}

function addCreate(scaletest: Command): void {
  const create = scaletest
    .command('create-workspaces')
    .description('make many users with a workspace each, and wait until they are ready')
    .addOption(count('-c, --count <number>', 'how many', 1, 'CODER_SCALETEST_COUNT'))
    .addOption(
      new Option('-t, --template <template>', 'template of the workspaces')
        .makeOptionMandatory()
        .env('CODER_SCALETEST_TEMPLATE'),
    )
    .addOption(repeatableOption('--parameter <name=value>', 'value of a parameter').env('CODER_RICH_PARAMETER'))
    .addOption(
      new Option('--use-host-login', 'make them all yours, without users').env(
        switchVariable('CODER_SCALETEST_USE_HOST_LOGIN'),
      ),
    )
    .addOption(new Option('--no-cleanup', 'leave them').env(switchVariable('CODER_SCALETEST_NO_CLEANUP')))
    .addOption(
      new Option('--no-wait-for-agents', 'do not wait for their agents').env(
        switchVariable('CODER_SCALETEST_NO_WAIT_FOR_AGENTS'),
      ),
    )
    .addOption(new Option('--run-command <command>', 'run in each of them').env('CODER_SCALETEST_RUN_COMMAND'))
    .addOption(
      new Option('--run-timeout <duration>', 'limit of the command').default('5s').env('CODER_SCALETEST_RUN_TIMEOUT'),
    )
    .addOption(
      new Option('--run-expect-output <text>', 'what the command has to say').env('CODER_SCALETEST_RUN_EXPECT_OUTPUT'),
    )
    .addOption(
      new Option('--run-log-output', 'keep what the command said').env(
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
    .description('type into a terminal of each workspace of a load test, for as long as --job-timeout')
    .addOption(new Option('-t, --template <template>', 'only those of this template').env('CODER_SCALETEST_TEMPLATE'))
    .addOption(
      new Option('--target-workspaces <from:to>', 'only those, counted by name').env(
        'CODER_SCALETEST_TARGET_WORKSPACES',
      ),
    )
    .addOption(count('--bytes-per-tick <number>', 'how much', 1024, 'CODER_SCALETEST_WORKSPACE_TRAFFIC_BYTES_PER_TICK'))
    .addOption(
      new Option('--tick-interval <duration>', 'how often')
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

/** @param concurrency when none is given; 0 for all */
const strategy = (command: Command, concurrency = 1): Command =>
  command
    .addOption(
      count('--concurrency <number>', 'how many at a time; 0 for all', concurrency, 'CODER_SCALETEST_CONCURRENCY'),
    )
    .addOption(duration('--timeout <duration>', 'limit of the whole; 0 for none', '30m', 'CODER_SCALETEST_TIMEOUT'))
    .addOption(duration('--job-timeout <duration>', 'limit of each; 0 for none', '5m', 'CODER_SCALETEST_JOB_TIMEOUT'))
    .addOption(
      repeatableOption('--output <format>', '`text` or `json`, with `:file` behind it to go there').env(
        'CODER_SCALETEST_OUTPUTS',
      ),
    )

const cleanup = (command: Command): Command =>
  command
    .addOption(
      count(
        '--cleanup-concurrency <number>',
        'how many at a time; 0 for all',
        1,
        'CODER_SCALETEST_CLEANUP_CONCURRENCY',
      ),
    )
    .addOption(
      duration('--cleanup-timeout <duration>', 'limit of cleaning up', '30m', 'CODER_SCALETEST_CLEANUP_TIMEOUT'),
    )
    .addOption(
      duration('--cleanup-job-timeout <duration>', 'limit of each', '5m', 'CODER_SCALETEST_CLEANUP_JOB_TIMEOUT'),
    )
