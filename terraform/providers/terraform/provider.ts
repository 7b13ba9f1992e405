// Terraform's built-in provider: `terraform_data`, `terraform_remote_state`, functions, and the provisioners of all resources.

import type { Provider } from '../../provider.ts'
import { noBlocks } from '../../provider-schema.ts'
import { dataResource } from './data.ts'
import { fileProvisioner } from './file.ts'
import { terraformFunctions } from './functions.ts'
import { localExec } from './local-exec.ts'
import { remoteExec } from './remote-exec.ts'
import { remoteState } from './remote-state.ts'

export interface TerraformContext {
  /** The environment of `local-exec` commands. Undefined disables all provisioners. */
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
