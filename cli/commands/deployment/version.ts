// `coder version`. In JSON, `version` is the compatible Coder version: editors compare it with that of the deployment.

import { coderVersion, version, versionLine } from '../../../lib/version.ts'
import { print, printJson } from '../../output/print.ts'

export async function showVersion(_args: readonly string[], options: { output?: string }): Promise<void> {
  if (options.output === 'json') {
    printJson({
      version: coderVersion,
      build_time: '0001-01-01T00:00:00Z',
      external_url: '',
      slim: false,
      agpl: false,
      boring_crypto: false,
      coder_local_version: version,
      node_version: process.version,
      platform: process.platform,
      arch: process.arch,
    })
    return
  }
  print(versionLine)
}
