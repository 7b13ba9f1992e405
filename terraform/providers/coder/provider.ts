// The `coder` provider: agents, apps, scripts and parameters. Its resources are plain data without side effects;
// terraform/extraction reads them from plan and state.

import type { Provider } from '../../provider.ts'
import { noBlocks, optional, text } from '../../provider-schema.ts'
import { textField } from '../../values/fields.ts'
import { agentResource } from './agent.ts'
import type { CoderContext } from './context.ts'
import { dataSources } from './data-sources.ts'
import { simpleResources } from './simple-resources.ts'

export type { CoderContext }

export function coderProvider(context: CoderContext): Provider {
  return {
    name: 'coder',
    source: 'coder/coder',
    compatibleVersion: '2.20',
    configuration: { attributes: { url: optional(text) }, blocks: noBlocks },
    configure: (config) => ({
      provider: coderProvider({ ...context, accessUrl: textField(config, 'url') ?? context.accessUrl }),
    }),
    resources: { coder_agent: agentResource(context), ...simpleResources },
    dataSources: dataSources(context),
  }
}
