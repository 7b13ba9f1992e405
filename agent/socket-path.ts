// Where the agent listens for programs inside the workspace. Listens to nothing itself.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { agentSocketVariable } from '../api/agents/agent-socket.ts'

// The temporary folder of macOS leaves little of the 104 bytes that the address of a socket may have.
const shortIdLength = 13

/** As the environment wishes, else a place of this agent's own, since several may live on one computer; undefined where
 *  the environment wants none. The variables are Coder's. */
export function agentSocketPath(agentId: string, env: NodeJS.ProcessEnv): string | undefined {
  if (/^(false|0|no|off)$/i.test(env.CODER_AGENT_SOCKET_SERVER_ENABLED ?? '')) return undefined
  if (env[agentSocketVariable]) return env[agentSocketVariable]
  const name = `coder-agent-${agentId.slice(0, shortIdLength)}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`)
}
