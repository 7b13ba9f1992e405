// `coder exp`: the commands that Coder's command line has under this name.

import { type Command, Option } from 'commander'
import { agentSocketVariable } from '../../api/agents/agent-socket.ts'
import { lazily, repeatableOption, switchVariable, withAgentOptions, withListOptions } from './options.ts'
import { addScaletestCommands } from './scaletest.ts'

export function addExperimentalCommands(program: Command): void {
  const exp = program.command('exp').description('Experimental commands: MCP server, script coordination, load tests')
  addMcp(exp)
  addScaletestCommands(exp)
  addSync(exp)
  exp
    .command('rpty <workspace> [command...]')
    .description('Attach to a terminal session of a workspace by its ID')
    .option('-r, --reconnect <id>', 'ID of the session')
    .addOption(new Option('-c, --container <name>', 'Run in this container'))
    .addOption(new Option('-u, --container-user <name>', 'Run as this user of the container'))
    .action(lazily(async () => (await import('../commands/experimental/rpty.ts')).openTerminal))
}

function addMcp(exp: Command): void {
  const mcp = exp.command('mcp').description('Serve the deployment to AI tools (Model Context Protocol)')
  withAgentOptions(mcp.command('server').description('Run the MCP server on stdin and stdout'))
    .addOption(new Option('--instructions <text>', 'Instructions for the AI').env('CODER_MCP_INSTRUCTIONS'))
    .addOption(
      repeatableOption('--allowed-tools <names>', 'Offer only these tools, separated by commas').env(
        'CODER_MCP_ALLOWED_TOOLS',
      ),
    )
    .addOption(
      new Option('--app-status-slug <slug>', 'Inside a workspace: the app whose status the AI reports').env(
        'CODER_MCP_APP_STATUS_SLUG',
      ),
    )
    .addOption(
      new Option('--ai-agentapi-url <url>', 'Ignored: the status comes from coder_report_task').env(
        'CODER_MCP_AI_AGENTAPI_URL',
      ),
    )
    .allowExcessArguments()
    .action(lazily(async () => (await import('../commands/experimental/mcp.ts')).serveTools))

  const load = () => import('../commands/experimental/mcp-configure.ts')
  const configure = mcp.command('configure').description('Register the MCP server with an AI tool on this computer')
  configure
    .command('claude-desktop')
    .description('Register with Claude Desktop')
    .allowExcessArguments()
    .action(lazily(async () => (await load()).configureClaudeDesktop))
  withAgentOptions(
    configure.command('claude-code <folder>').description('Register with Claude Code for the project in a folder'),
  )
    .addOption(
      new Option('--ai-agentapi-url <url>', 'Inside a workspace: URL of AgentAPI, passed to the MCP server').env(
        'CODER_MCP_AI_AGENTAPI_URL',
      ),
    )
    .addOption(new Option('--claude-api-key <key>', 'API key to use instead of an account').env('CLAUDE_API_KEY'))
    .addOption(
      new Option('--claude-config-path <file>', 'Settings file; default ~/.claude.json').env(
        'CODER_MCP_CLAUDE_CONFIG_PATH',
      ),
    )
    .addOption(
      new Option('--claude-md-path <file>', 'Memory file; default ~/.claude/CLAUDE.md').env('CODER_MCP_CLAUDE_MD_PATH'),
    )
    .addOption(
      new Option('--claude-system-prompt <text>', 'System prompt for the memory file').env(
        'CODER_MCP_CLAUDE_SYSTEM_PROMPT',
      ),
    )
    .addOption(
      new Option('--claude-coder-prompt <text>', 'Prompt about the MCP tools for the memory file').env(
        'CODER_MCP_CLAUDE_CODER_PROMPT',
      ),
    )
    .addOption(
      new Option('--claude-app-status-slug <slug>', 'Inside a workspace: the app whose status the AI reports').env(
        'CODER_MCP_APP_STATUS_SLUG',
      ),
    )
    .allowExcessArguments()
    .action(lazily(async () => (await load()).configureClaudeCode))
  configure
    .command('cursor')
    .description('Register with Cursor')
    .allowExcessArguments()
    .addOption(
      new Option('--project', 'Register for the project in this folder instead of globally').env(
        switchVariable('CODER_MCP_CURSOR_PROJECT'),
      ),
    )
    .action(lazily(async () => (await load()).configureCursor))
}

function addSync(exp: Command): void {
  const load = () => import('../commands/experimental/sync.ts')
  const sync = exp
    .command('sync')
    .description('Coordinate the order of scripts in a workspace')
    .addOption(new Option('--socket-path <path>', 'Socket of the agent').env(agentSocketVariable))
  const subcommand = (name: string, description: string) => sync.command(name).description(description)
  subcommand('ping', 'Test whether the agent of the workspace responds')
    .allowExcessArguments()
    .action(lazily(async () => (await load()).pingAgent))
  subcommand('want <unit> <dependencies...>', 'Declare the units that must complete before this one starts').action(
    lazily(async () => (await load()).wantUnits),
  )
  subcommand('start <unit>', 'Start a unit after its dependencies have completed')
    .option('--timeout <duration>', 'Time limit for the dependencies', '5m')
    .action(lazily(async () => (await load()).startUnit))
  subcommand('complete <unit>', 'Mark a unit as completed').action(lazily(async () => (await load()).completeUnit))
  withListOptions(subcommand('status <unit>', 'Show the status and dependencies of a unit'), 'dependencies').action(
    lazily(async () => (await load()).showUnit),
  )
}
