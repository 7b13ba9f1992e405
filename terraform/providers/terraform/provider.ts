// The provider that is built into Terraform itself: `terraform_data`, and the provisioners that go with any resource.

import type { Provider } from '../../provider.ts'
import { noBlocks } from '../../provider-schema.ts'
import { dataResource } from './data.ts'
import { fileProvisioner } from './file.ts'
import { terraformFunctions } from './functions.ts'
import { localExec } from './local-exec.ts'
import { remoteExec } from './remote-exec.ts'
import { remoteState } from './remote-state.ts'

export interface TerraformContext {
  /** What commands of `local-exec` inherit. Absent where templates may not run commands on this computer. */
  readonly commandEnvironment?: Readonly<Record<string, string | undefined>>
}

export function terraformProvider({ commandEnvironment }: TerraformContext = {}): Provider {
  return {
    name: 'terraform',
    source: 'terraform.io/builtin/terraform',
    configuration: { attributes: {}, blocks: noBlocks },
    resources: { terraform_data: dataResource },
    dataSources: { terraform_remote_state: remoteState },
    functions: terraformFunctions,
    ...(commandEnvironment && {
      provisioners: { 'local-exec': localExec(commandEnvironment), 'remote-exec': remoteExec, file: fileProvisioner },
    }),
  }
}
