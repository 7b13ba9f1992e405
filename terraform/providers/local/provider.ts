// The `local` provider: files on the deployment's computer. Only for deployments whose templates may act there.

import type { Provider } from '../../provider.ts'
import { noBlocks } from '../../provider-schema.ts'
import { fileData } from './data.ts'
import { fileResource } from './file.ts'

export const localProvider: Provider = {
  name: 'local',
  source: 'hashicorp/local',
  compatibleVersion: '2.5',
  configuration: { attributes: {}, blocks: noBlocks },
  resources: {
    local_file: fileResource(
      { content: 'shown', sensitive_content: 'secret', content_base64: 'shown', source: 'shown' },
      '0777',
    ),
    local_sensitive_file: fileResource({ content: 'secret', content_base64: 'secret', source: 'shown' }, '0700'),
  },
  dataSources: { local_file: fileData(false), local_sensitive_file: fileData(true) },
}
