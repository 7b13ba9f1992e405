// The context outside a build, as on the command line: the defaults of Coder's provider.

import { randomUUID } from 'node:crypto'
import type { CoderContext } from './context.ts'

export function defaultCoderContext(changes: Partial<CoderContext> = {}): CoderContext {
  return {
    accessUrl: 'https://mydeployment.coder.com',
    transition: 'start',
    workspace: { id: randomUUID(), name: 'default' },
    buildId: '',
    owner: {
      id: randomUUID(),
      name: 'default',
      fullName: 'default',
      email: 'default@example.com',
      groups: [],
      sessionToken: '',
      sshPublicKey: '',
      sshPrivateKey: '',
      loginType: '',
      rbacRoles: [],
    },
    template: { id: '', name: '', version: '' },
    parameters: {},
    agentInitScript: (os, arch) => `echo "Only a build creates an agent for ${os}/${arch}."`,
    ...changes,
  }
}
