// The provider that is built into Terraform itself: `terraform_data`.

import type { Provider } from '../../provider.ts'

export function terraformProvider(): Provider {
  return {
    name: 'terraform',
    source: 'terraform.io/builtin/terraform',
    configuration: { attributes: {}, blocks: {} },
    resources: {},
    dataSources: {},
  }
}
