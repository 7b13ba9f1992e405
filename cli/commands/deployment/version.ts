// `coder version`. In JSON, `version` is the Coder version whose clients we serve: editors compare it with what the
// deployment says of itself.

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
