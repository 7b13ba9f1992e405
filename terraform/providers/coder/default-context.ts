// What a template is told where no build asks, as on the command line: the words that Coder's provider falls back to.

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
    agentInitScript: (os, arch) => `echo "An agent for ${os}/${arch} is made by a build."`,
    ...changes,
  }
}
