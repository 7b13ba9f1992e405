// The `coder` provider: what templates say about agents, apps, scripts and parameters. Touches nothing outside.

import type { Provider } from '../../provider.ts'
import type { CoderContext } from './context.ts'

export type { CoderContext, CoderOwner } from './context.ts'

export function coderProvider(_context: CoderContext): Provider {
  return {
    name: 'coder',
    source: 'coder/coder',
    configuration: { attributes: {}, blocks: {} },
    resources: {},
    dataSources: {},
  }
}
