// `coder vscodessh`: the ProxyCommand that earlier versions of the VS Code extension configure.

import { readFileSync } from 'node:fs'
import { connectTo } from '../../connection/connect.ts'
import type { GlobalOptions } from '../../connection/local-deployment.ts'
import { reachAgent, type WaitMode } from '../../dial/reach-agent.ts'
import { parseWorkspaceHost } from '../../dial/workspace-host.ts'
import { CommandError } from '../../output/errors.ts'
import { connectStdio, type StdioOptions } from './stdio.ts'

interface VscodeSshOptions extends GlobalOptions, StdioOptions {
  readonly urlFile?: string
  readonly sessionTokenFile?: string
  readonly wait: WaitMode
}

export async function vscodessh([host = '']: readonly string[], options: VscodeSshOptions): Promise<void> {
  const { urlFile, sessionTokenFile, networkInfoDir } = options
  if (!urlFile || !sessionTokenFile || !networkInfoDir)
    throw new CommandError('--url-file, --session-token-file and --network-info-dir are required.')
  const login = { url: readValue(urlFile).replace(/\/+$/, ''), token: readValue(sessionTokenFile) }
  const connection = connectTo(login, options)
  // `coder-vscode[.host]--owner--workspace[--agent]`
  const name = parseWorkspaceHost(host.replace(/^coder-vscode.*?--/, ''))
  const reached = await reachAgent(connection, name, {
    reason: 'vscode_connection',
    asks: false,
    wait: options.wait,
  })
  await connectStdio(connection, reached, { ...options, usageApp: 'vscode' })
}

function readValue(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new CommandError(`Could not read ${file}.`, { detail: (error as Error).message })
  }
}
