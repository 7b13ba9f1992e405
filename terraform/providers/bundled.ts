// The providers bundled with the deployment, for the provisioner and the command line.

import { delimiter } from 'node:path'
import type { Provider } from '../provider.ts'
import type { CoderContext } from './coder/context.ts'
import { coderProvider } from './coder/provider.ts'
import { dockerProvider } from './docker/provider.ts'
import type { HostContext } from './host/context.ts'
import { hostProvider } from './host/provider.ts'
import { localProvider } from './local/provider.ts'
import { nullProvider } from './null/provider.ts'
import { randomProvider } from './random/provider.ts'
import { terraformProvider } from './terraform/provider.ts'
import { timeProvider } from './time/provider.ts'

export function bundledProviders(coder: CoderContext, host: HostContext): Provider[] {
  return [
    coderProvider(coder),
    hostProvider(host),
    dockerProvider(host),
    terraformProvider({ commandEnvironment: commandEnvironment(host) }),
    timeProvider,
    localProvider,
    randomProvider,
    nullProvider,
  ]
}

/** The environment of `local-exec` commands, with `coder` in PATH as for processes of the host provider. */
function commandEnvironment({ environment, agentBinDir }: HostContext): HostContext['environment'] {
  return { ...environment, PATH: [agentBinDir, environment.PATH ?? ''].join(delimiter) }
}
