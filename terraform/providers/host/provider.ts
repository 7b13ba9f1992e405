// The `host` provider: processes and folders on the computer of the provisioner. Processes run as the user; it is not a
// sandbox.

import type { Provider } from '../../provider.ts'
import { noBlocks } from '../../provider-schema.ts'
import type { HostContext } from './context.ts'
import { folderResource } from './folder.ts'
import { processResource } from './process.ts'

export function hostProvider(context: HostContext): Provider {
  return {
    name: 'host',
    source: 'coder-local/host',
    configuration: { attributes: {}, blocks: noBlocks },
    resources: { host_folder: folderResource(context), host_process: processResource(context) },
    dataSources: {},
  }
}
