// `coder exp`: what Coder's command line keeps below that name.

import { type Command, Option } from 'commander'
import { agentSocketVariable } from '../../api/agents/agent-socket.ts'
import { lazily, repeatableOption, switchVariable, withAgentOptions, withListOptions } from './options.ts'
import { addScaletestCommands } from './scaletest.ts'

export function addExperimentalCommands(program: Command): void {
  const exp = program.command('exp').description('what may still change: tools for AI, order of scripts, load')
  addMcp(exp)
  addScaletestCommands(exp)
  addSync(exp)
  exp
    .command('rpty <workspace> [command...]')
    .description('a terminal of a workspace, which goes on without you and is found again by its id')
    .option('-r, --reconnect <id>', 'of the terminal that is to be found again')
    .addOption(new Option('-c, --container <name>', 'in this container'))
    .addOption(new Option('-u, --container-user <name>', 'as this user of the container'))
    .action(lazily(async () => (await import('../commands/experimental/rpty.ts')).openTerminal))
}

function addMcp(exp: Command): void {
  const mcp = exp.command('mcp').description('the deployment as tools for an AI (Model Context Protocol)')
  withAgentOptions(mcp.command('server').description('offer the tools on stdin and stdout'))
    .addOption(
      new Option('--instructions <text>', 'what the AI is told about them beforehand').env('CODER_MCP_INSTRUCTIONS'),
    )
    .addOption(
      repeatableOption('--allowed-tools <names>', 'only these, separated by commas').env('CODER_MCP_ALLOWED_TOOLS'),
    )
    .addOption(
      new Option('--app-status-slug <slug>', 'inside a workspace: the app whose status the AI tells').env(
        'CODER_MCP_APP_STATUS_SLUG',
      ),
    )
    .addOption(
      new Option('--ai-agentapi-url <url>', 'changes nothing: the tool is not listened to').env(
        'CODER_MCP_AI_AGENTAPI_URL',
      ),
    )
    .allowExcessArguments()
    .action(lazily(async () => (await import('../commands/experimental/mcp.ts')).serveTools))

  const load = () => import('../commands/experimental/mcp-configure.ts')
  const configure = mcp.command('configure').description('tell an AI tool on this computer where the tools are')
  configure
    .command('claude-desktop')
    .description('Claude Desktop')
    .allowExcessArguments()
    .action(lazily(async () => (await load()).configureClaudeDesktop))
  withAgentOptions(configure.command('claude-code <folder>').description('Claude Code, for the project in a folder'))
    .addOption(
      new Option('--ai-agentapi-url <url>', 'inside a workspace: as the tools are told it').env(
        'CODER_MCP_AI_AGENTAPI_URL',
      ),
    )
    .addOption(
      new Option('--claude-api-key <key>', 'with which it speaks to its maker, instead of an account').env(
        'CLAUDE_API_KEY',
      ),
    )
    .addOption(
      new Option('--claude-config-path <file>', 'its settings; ~/.claude.json when left out').env(
        'CODER_MCP_CLAUDE_CONFIG_PATH',
      ),
    )
    .addOption(
      new Option('--claude-md-path <file>', 'what it is told; ~/.claude/CLAUDE.md when left out').env(
        'CODER_MCP_CLAUDE_MD_PATH',
      ),
    )
    .addOption(
      new Option('--claude-system-prompt <text>', 'told to it in every project').env('CODER_MCP_CLAUDE_SYSTEM_PROMPT'),
    )
    .addOption(
      new Option('--claude-coder-prompt <text>', 'told to it about our tools').env('CODER_MCP_CLAUDE_CODER_PROMPT'),
    )
    .addOption(
      new Option('--claude-app-status-slug <slug>', 'inside a workspace: the app whose status it tells').env(
        'CODER_MCP_APP_STATUS_SLUG',
      ),
    )
    .allowExcessArguments()
    .action(lazily(async () => (await load()).configureClaudeCode))
  configure
    .command('cursor')
    .description('Cursor')
    .allowExcessArguments()
    .addOption(
      new Option('--project', 'for the project in this folder, instead of everywhere').env(
        switchVariable('CODER_MCP_CURSOR_PROJECT'),
      ),
    )
    .action(lazily(async () => (await load()).configureCursor))
}

function addSync(exp: Command): void {
  const load = () => import('../commands/experimental/sync.ts')
  const sync = exp
    .command('sync')
    .description('the order in which scripts of a workspace do their work')
    .addOption(new Option('--socket-path <path>', "the agent's socket").env(agentSocketVariable))
  const asking = (name: string, description: string) => sync.command(name).description(description)
  asking('ping', 'whether the agent of the workspace answers')
    .allowExcessArguments()
    .action(lazily(async () => (await load()).pingAgent))
  asking('want <unit> <dependencies...>', 'say which units have to complete before this one starts').action(
    lazily(async () => (await load()).wantUnits),
  )
  asking('start <unit>', 'begin a unit, once everything it depends on has completed')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .action(lazily(async () => (await load()).startUnit))
  asking('complete <unit>', 'say that a unit has done its work').action(lazily(async () => (await load()).completeUnit))
  withListOptions(asking('status <unit>', 'how far a unit is, and what it waits for'), 'dependencies').action(
    lazily(async () => (await load()).showUnit),
  )
}
