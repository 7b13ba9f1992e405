// Path of the agent's socket for programs in the workspace.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { agentSocketVariable } from '../api/agents/agent-socket.ts'

// Short: macOS limits socket addresses to 104 bytes, and its temporary folder uses most of them.
const shortIdLength = 13

/** The path from the environment, otherwise one per agent, since one computer may run several; undefined when
 *  the environment disables it. The variables are Coder's. */
export function agentSocketPath(agentId: string, env: NodeJS.ProcessEnv): string | undefined {
  if (/^(false|0|no|off)$/i.test(env.CODER_AGENT_SOCKET_SERVER_ENABLED ?? '')) return undefined
  if (env[agentSocketVariable]) return env[agentSocketVariable]
  const name = `coder-agent-${agentId.slice(0, shortIdLength)}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}
